using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a resource relates to another one.</summary>
[DebuggerDisplay("{Type,nq}: {Resource.Name,nq}")]
public sealed class ResourceRelationshipAnnotation : IResourceAnnotation
{
    /// <summary>Declares the relation.</summary>
    /// <param name="resource">The other resource.</param>
    /// <param name="type">The kind of relation, such as <c>Reference</c>, <c>WaitFor</c> or <c>Parent</c>.</param>
    public ResourceRelationshipAnnotation(IResource resource, string type)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentException.ThrowIfNullOrEmpty(type);
        Resource = resource;
        Type = type;
    }

    /// <summary>The other resource.</summary>
    public IResource Resource { get; }

    /// <summary>The kind of relation.</summary>
    public string Type { get; }
}

/// <summary>The icon of a resource.</summary>
public sealed class ResourceIconAnnotation : IResourceAnnotation
{
    /// <summary>Declares the icon.</summary>
    /// <param name="iconName">Its name among the Fluent UI icons.</param>
    /// <param name="iconVariant">Its variant, filled by default.</param>
    public ResourceIconAnnotation(string iconName, IconVariant iconVariant = IconVariant.Filled)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(iconName);
        IconName = iconName;
        IconVariant = iconVariant;
    }

    /// <summary>Its name among the Fluent UI icons.</summary>
    public string IconName { get; }

    /// <summary>Its variant.</summary>
    public IconVariant IconVariant { get; }
}

/// <summary>The kinds of relation the engine itself declares.</summary>
internal static class KnownRelationshipTypes
{
    public const string Parent = "Parent";
    public const string Reference = "Reference";
    public const string WaitFor = "WaitFor";
}
