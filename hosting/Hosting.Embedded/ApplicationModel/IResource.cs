namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A named part of the distributed application: a project, an executable, a parameter or anything else the AppHost declares.
/// </summary>
public interface IResource
{
    /// <summary>The name, unique in the application without regard to case.</summary>
    string Name { get; }

    /// <summary>The annotations that describe the resource.</summary>
    ResourceAnnotationCollection Annotations { get; }
}

/// <summary>A piece of metadata attached to a resource.</summary>
public interface IResourceAnnotation
{
}
