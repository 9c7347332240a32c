using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <content>Waiting for other resources.</content>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Starts the resource only when another one runs and is healthy.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="dependency">What it waits for.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">It would wait for itself or for the resource it belongs to.</exception>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.WaitUntilHealthy, waitBehavior: null);

    /// <summary>Starts the resource only when another one runs and is healthy.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="dependency">What it waits for.</param>
    /// <param name="waitBehavior">What to do when the other one ends.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">It would wait for itself or for the resource it belongs to.</exception>
    public static IResourceBuilder<T> WaitFor<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<IResource> dependency,
        WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.WaitUntilHealthy, waitBehavior);

    /// <summary>Starts the resource only when another one runs, healthy or not.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="dependency">What it waits for.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">It would wait for itself or for the resource it belongs to.</exception>
    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.WaitUntilStarted, waitBehavior: null);

    /// <summary>Starts the resource only when another one runs, healthy or not.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="dependency">What it waits for.</param>
    /// <param name="waitBehavior">What to do when the other one ends.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">It would wait for itself or for the resource it belongs to.</exception>
    public static IResourceBuilder<T> WaitForStart<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<IResource> dependency,
        WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Wait(dependency, WaitType.WaitUntilStarted, waitBehavior);

    /// <summary>Starts the resource only when another one has ended.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="dependency">What it waits for.</param>
    /// <param name="exitCode">The exit code the other one must end with, 0 by default.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">It would wait for itself or for the resource it belongs to.</exception>
    public static IResourceBuilder<T> WaitForCompletion<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<IResource> dependency,
        int exitCode = 0)
        where T : IResourceWithWaitSupport
    {
        var resource = CheckWait(builder, dependency);
        return builder
            .WithRelationship(resource, KnownRelationshipTypes.WaitFor)
            .WithAnnotation(new WaitAnnotation(resource, WaitType.WaitForCompletion, exitCode));
    }

    private static IResourceBuilder<T> Wait<T>(
        this IResourceBuilder<T> builder,
        IResourceBuilder<IResource> dependency,
        WaitType type,
        WaitBehavior? waitBehavior)
        where T : IResourceWithWaitSupport
    {
        var resource = CheckWait(builder, dependency);

        // A resource that belongs to another one often has no health check of its own, so the other one is waited for, too.
        for (var parent = (resource as IResourceWithParent)?.Parent; parent is not null; parent = (parent as IResourceWithParent)?.Parent)
        {
            builder.WithAnnotation(new WaitAnnotation(parent, type) { WaitBehavior = waitBehavior });
        }

        return builder
            .WithRelationship(resource, KnownRelationshipTypes.WaitFor)
            .WithAnnotation(new WaitAnnotation(resource, type) { WaitBehavior = waitBehavior });
    }

    private static IResource CheckWait<T>(IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dependency);
        if (ReferenceEquals(builder.Resource, dependency.Resource))
        {
            throw new DistributedApplicationException($"The '{builder.Resource.Name}' resource cannot wait for itself.");
        }

        if (builder.Resource is IResourceWithParent { Parent: var parent } && ReferenceEquals(parent, dependency.Resource))
        {
            throw new DistributedApplicationException($"The '{builder.Resource.Name}' resource cannot wait for its parent " +
                $"'{parent.Name}'.");
        }

        return dependency.Resource;
    }
}
