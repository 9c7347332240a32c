using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Queries over containers.</summary>
public static class ContainerResourceExtensions
{
    /// <summary>The containers of the application.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The containers, in the order of their declaration.</returns>
    public static IEnumerable<IResource> GetContainerResources(this DistributedApplicationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Resources.Where(static r => r.IsContainer());
    }

    /// <summary>Whether a resource is a container.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>Whether it has an image.</returns>
    public static bool IsContainer(this IResource resource) => resource.HasAnnotationOfType<ContainerImageAnnotation>();
}
