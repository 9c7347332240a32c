using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Base class of resources: a name and a thread-safe list of annotations.</summary>
[DebuggerDisplay("{GetType().Name,nq} {Name,nq}, {Annotations.Count} annotations")]
public abstract class Resource : IResource
{
    /// <summary>Initializes a resource.</summary>
    /// <param name="name">The resource name. It is validated when the resource is added to the application.</param>
    protected Resource(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <inheritdoc />
    public virtual string Name { get; }

    /// <inheritdoc />
    public virtual ResourceAnnotationCollection Annotations { get; } = [];
}
