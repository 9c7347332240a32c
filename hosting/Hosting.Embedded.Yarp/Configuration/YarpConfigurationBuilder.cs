using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Yarp;

namespace Aspire.Hosting;

/// <summary>Keeps routes and clusters with the resource, which is also told how to reach what they lead to.</summary>
internal sealed class YarpConfigurationBuilder(IResourceBuilder<YarpResource> yarp) : IYarpConfigurationBuilder
{
    public YarpRoute AddRoute(string path, YarpCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(cluster);
        var route = new YarpRoute($"route{yarp.Resource.Routes.Count}", cluster).WithMatchPath(path);
        yarp.Resource.Routes.Add(route);
        return route;
    }

    public YarpCluster AddCluster(EndpointReference endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        yarp.WithReference(endpoint);
        return Add(endpoint.Resource.Name, endpoint);
    }

    public YarpCluster AddCluster(IResourceBuilder<IResourceWithServiceDiscovery> resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        yarp.WithReference(resource);
        return Add(resource.Resource.Name, resource.Resource);
    }

    public YarpCluster AddCluster(IResourceBuilder<ExternalServiceResource> externalService)
    {
        ArgumentNullException.ThrowIfNull(externalService);
        yarp.WithReference(externalService);
        return Add(externalService.Resource.Name, externalService.Resource);
    }

    public YarpCluster AddCluster(string clusterName, object[] destinations)
    {
        ArgumentNullException.ThrowIfNull(clusterName);
        ArgumentNullException.ThrowIfNull(destinations);
        if (destinations.Length == 0)
        {
            throw new ArgumentException($"Cluster '{clusterName}' has no destination; give it an address.", nameof(destinations));
        }

        return destinations.FirstOrDefault(static destination => destination is not (IValueProvider or string or Uri)) is { } other
            ? throw new ArgumentException(
                $"A destination of cluster '{clusterName}' is a {other.GetType().FullName}; use a text, a Uri or an IValueProvider.",
                nameof(destinations))
            : Add(clusterName, destinations);
    }

    private YarpCluster Add(string name, params object[] targets)
    {
        var cluster = new YarpCluster(name, targets);
        yarp.Resource.Clusters.Add(cluster);
        return cluster;
    }
}
