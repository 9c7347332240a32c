using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A place that resources are deployed to.</summary>
public interface IComputeEnvironmentResource : IResource
{
}

/// <summary>What a resource becomes where it is deployed.</summary>
public sealed class DeploymentTargetAnnotation : IResourceAnnotation
{
    /// <summary>Declares the target.</summary>
    /// <param name="target">What the resource becomes.</param>
    public DeploymentTargetAnnotation(IResource target)
    {
        DeploymentTarget = target;
    }

    /// <summary>What the resource becomes.</summary>
    public IResource DeploymentTarget { get; set; }

    /// <summary>Where it is deployed.</summary>
    public IComputeEnvironmentResource? ComputeEnvironment { get; set; }
}

/// <content>Deployment targets and images.</content>
public static partial class ResourceExtensions
{
    /// <summary>Finds what a resource becomes where it is deployed.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="targetComputeEnvironment">Where it is deployed; anywhere by default.</param>
    /// <returns>The target, when there is one.</returns>
    /// <exception cref="InvalidOperationException">There are several, and none was chosen.</exception>
    public static DeploymentTargetAnnotation? GetDeploymentTargetAnnotation(
        this IResource resource,
        IComputeEnvironmentResource? targetComputeEnvironment = null)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var targets = resource.Annotations.OfType<DeploymentTargetAnnotation>()
            .Where(t => targetComputeEnvironment is null || t.ComputeEnvironment == targetComputeEnvironment).ToArray();
        return targets.Length <= 1
            ? targets.FirstOrDefault()
            : throw new InvalidOperationException(
                $"Resource '{resource.Name}' has multiple compute environments - " +
                    $"'{string.Join(", ", targets.Select(static t => t.ComputeEnvironment?.Name))}'; choose one of them.");
    }

    /// <summary>Finds the image of a container, with registry and tag or digest.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="imageName">The image, when there is one.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetContainerImageName(this IResource resource, [NotNullWhen(true)] out string? imageName)
    {
        imageName = null;
        if (!resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image))
        {
            return false;
        }

        var registry = string.IsNullOrEmpty(image.Registry) ? "" : $"{image.Registry}/";
        var version = image.SHA256 is { Length: > 0 } digest ? $"@sha256:{digest}" : image.Tag is { Length: > 0 } tag ? $":{tag}" : "";
        imageName = registry + image.Image + version;
        return true;
    }
}
