namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project of the application.</summary>
public class ProjectResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery,
    IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
{
    /// <summary>Creates the resource; <c>AddProject</c> does it for an AppHost.</summary>
    /// <param name="name">The resource name.</param>
    public ProjectResource(string name) : base(name)
    {
    }
}

/// <summary>Queries over projects.</summary>
public static class ProjectResourceExtensions
{
    /// <summary>The projects of the application.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The projects, in the order of their declaration.</returns>
    public static IEnumerable<ProjectResource> GetProjectResources(this DistributedApplicationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Resources.OfType<ProjectResource>();
    }

    /// <summary>Where the project is and how it is launched.</summary>
    /// <param name="projectResource">The project.</param>
    /// <returns>The metadata it was added with.</returns>
    /// <exception cref="InvalidOperationException">The project was added without metadata.</exception>
    public static IProjectMetadata GetProjectMetadata(this ProjectResource projectResource)
    {
        ArgumentNullException.ThrowIfNull(projectResource);
        return projectResource.Annotations.OfType<IProjectMetadata>().LastOrDefault()
            ?? throw new InvalidOperationException($"Project '{projectResource.Name}' has no project metadata; add it with AddProject.");
    }
}
