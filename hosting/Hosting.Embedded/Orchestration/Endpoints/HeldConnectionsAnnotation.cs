using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Endpoints;

/// <summary>
/// Callers of the endpoint may come before it is there: their connections wait until the first replica is ready, instead of being refused.
/// </summary>
/// <param name="endpointName">The endpoint of the resource that has the annotation.</param>
internal sealed class HeldConnectionsAnnotation(string endpointName) : IResourceAnnotation
{
    /// <summary>Whether an endpoint of a resource is such a one.</summary>
    public static bool AppliesTo(EndpointAnnotation endpoint, IResource resource) =>
        resource.Annotations.OfType<HeldConnectionsAnnotation>().Any(held => held.EndpointName == endpoint.Name);

    private string EndpointName { get; } = endpointName;
}
