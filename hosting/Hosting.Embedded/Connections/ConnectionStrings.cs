using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A reference to the connection string of a resource.</summary>
public class ConnectionStringReference : IExpressionValue, IValueWithReferences
{
    /// <summary>Refers to the connection string.</summary>
    /// <param name="resource">The resource that has it.</param>
    /// <param name="optional">Whether it may be missing.</param>
    public ConnectionStringReference(IResourceWithConnectionString resource, bool optional)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resource = resource;
        Optional = optional;
    }

    /// <summary>The resource that has the connection string.</summary>
    public IResourceWithConnectionString Resource { get; }

    /// <summary>Whether the connection string may be missing.</summary>
    public bool Optional { get; }

    string IManifestExpressionProvider.ValueExpression => Resource.ValueExpression;

    IEnumerable<object> IValueWithReferences.References => [Resource];

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetAsync(new(), cancellationToken);

    ValueTask<string?> IValueProvider.GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken) =>
        GetAsync(context, cancellationToken);

    private async ValueTask<string?> GetAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        string? value = null;
        try
        {
            value = await Resource.GetValueAsync(context, cancellationToken);
        }
        catch (MissingParameterValueException) when (Optional)
        {
            // Optional: there is none.
        }

        return string.IsNullOrEmpty(value) && !Optional
            ? throw new DistributedApplicationException($"The connection string for the resource '{Resource.Name}' is not available.")
            : value;
    }
}

/// <summary>A part of a connection that is given to those who refer to it.</summary>
[DebuggerDisplay("{Name,nq}")]
public sealed class ConnectionPropertyAnnotation : IResourceAnnotation
{
    /// <summary>Declares the part.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="referenceExpression">Its value.</param>
    public ConnectionPropertyAnnotation(string name, ReferenceExpression referenceExpression)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(referenceExpression);
        Name = name;
        Value = referenceExpression;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its value.</summary>
    public ReferenceExpression Value { get; }
}
