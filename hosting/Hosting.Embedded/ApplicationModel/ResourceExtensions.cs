using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Queries over a resource and its annotations.</summary>
public static partial class ResourceExtensions
{
    /// <summary>Finds the last annotation of a type.</summary>
    /// <typeparam name="T">The type of the annotation.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="annotation">The annotation, when there is one.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetLastAnnotation<T>(this IResource resource, [NotNullWhen(true)] out T? annotation) where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        annotation = resource.Annotations.OfType<T>().LastOrDefault();
        return annotation is not null;
    }

    /// <summary>Finds all annotations of a type.</summary>
    /// <typeparam name="T">The type of the annotations.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="result">The annotations, in the order they were added; <see langword="null" /> when there is none.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetAnnotationsOfType<T>(this IResource resource, [NotNullWhen(true)] out IEnumerable<T>? result)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        var found = resource.Annotations.OfType<T>().ToArray();
        result = found.Length == 0 ? null : found;
        return result is not null;
    }

    /// <summary>Whether the resource has an annotation of a type.</summary>
    /// <typeparam name="T">The type of the annotation.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <returns>Whether there is one.</returns>
    public static bool HasAnnotationOfType<T>(this IResource resource) where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Annotations.OfType<T>().Any();
    }

    /// <summary>Finds all annotations of a type on the resource and on those it belongs to.</summary>
    /// <typeparam name="T">The type of the annotations.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="result">The annotations, the resource's own first; <see langword="null" /> when there is none.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetAnnotationsIncludingAncestorsOfType<T>(this IResource resource, [NotNullWhen(true)] out IEnumerable<T>? result)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        var found = new List<T>();
        for (var current = resource; current is not null; current = (current as IResourceWithParent)?.Parent)
        {
            found.AddRange(current.Annotations.OfType<T>());
        }

        result = found.Count == 0 ? null : found;
        return result is not null;
    }

    /// <summary>Whether the resource, or one it belongs to, has an annotation of a type.</summary>
    /// <typeparam name="T">The type of the annotation.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <returns>Whether there is one.</returns>
    public static bool HasAnnotationIncludingAncestorsOfType<T>(this IResource resource) where T : IResourceAnnotation =>
        resource.TryGetAnnotationsIncludingAncestorsOfType<T>(out _);

    /// <summary>Finds the environment callbacks of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="environmentVariables">The callbacks; <see langword="null" /> when there is none.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetEnvironmentVariables(
        this IResource resource,
        [NotNullWhen(true)] out IEnumerable<EnvironmentCallbackAnnotation>? environmentVariables) =>
        resource.TryGetAnnotationsOfType(out environmentVariables);

    /// <summary>Finds the endpoints of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="endpoints">The endpoints; <see langword="null" /> when there is none.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetEndpoints(this IResource resource, [NotNullWhen(true)] out IEnumerable<EndpointAnnotation>? endpoints) =>
        resource.TryGetAnnotationsOfType(out endpoints);

    /// <summary>Finds the URLs that were added to a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="urls">The URLs; <see langword="null" /> when there is none.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetUrls(this IResource resource, [NotNullWhen(true)] out IEnumerable<ResourceUrlAnnotation>? urls) =>
        resource.TryGetAnnotationsOfType(out urls);

    /// <summary>References to all endpoints of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The references, in the order of the endpoints' declaration.</returns>
    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => new EndpointReference(resource, endpoint));
    }

    /// <summary>A reference to an endpoint of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="endpointName">The endpoint's name; it need not exist yet.</param>
    /// <returns>The reference.</returns>
    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName) => new(resource, endpointName);

    /// <summary>How many times the resource runs.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The number of replicas, 1 unless declared otherwise.</returns>
    public static int GetReplicaCount(this IResource resource) =>
        resource.TryGetLastAnnotation<ReplicaAnnotation>(out var replicas) ? replicas.Replicas : 1;

    /// <summary>Whether the resource stays out of what is published.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>Whether it was excluded with <c>ExcludeFromManifest</c>.</returns>
    public static bool IsExcludedFromPublish(this IResource resource) =>
        resource.TryGetLastAnnotation<ManifestPublishingCallbackAnnotation>(out var callback)
        && ReferenceEquals(callback, ManifestPublishingCallbackAnnotation.Ignore);

    /// <summary>Adds an annotation and removes those of its type that were there; readers find one at any moment.</summary>
    internal static void ReplaceAnnotation<T>(this IResource resource, T annotation)
        where T : IResourceAnnotation
    {
        var before = resource.Annotations.OfType<T>().ToArray();
        resource.Annotations.Add(annotation);
        foreach (var old in before)
        {
            resource.Annotations.Remove(old);
        }
    }

    /// <summary>The addresses of the single replicas, or <see langword="null" /> when there is only the one of the endpoint.</summary>
    internal static IReadOnlyList<AllocatedEndpoint>? GetReplicaAddresses(this IResource resource, string endpointName) =>
        resource.TryGetLastAnnotation<ReplicaAddressesAnnotation>(out var replicas)
            ? replicas.Addresses.FirstOrDefault(pair => ResourceNameComparer.Equals(pair.Key, endpointName)).Value
            : null;

    /// <summary>The ids under which the resource publishes snapshots and logs: one per replica, or its name.</summary>
    internal static IReadOnlyList<string> GetResourceIds(this IResource resource) =>
        resource.TryGetLastAnnotation<ReplicaNamesAnnotation>(out var names) ? names.Names : [resource.Name];
}

/// <summary>
/// The names of the replicas (<c>ping-x7k2p</c>), in the order of the replicas. The orchestrator puts it on a resource when it has
/// chosen them; until then a resource is known by its own name.
/// </summary>
internal sealed class ReplicaNamesAnnotation : IResourceAnnotation
{
    public ReplicaNamesAnnotation(IReadOnlyList<string> names)
    {
        Names = names;
    }

    public IReadOnlyList<string> Names { get; }
}
