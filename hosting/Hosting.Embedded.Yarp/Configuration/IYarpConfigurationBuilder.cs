using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Yarp;

namespace Aspire.Hosting;

/// <summary>Declares what a reverse proxy does.</summary>
public interface IYarpConfigurationBuilder
{
    /// <summary>Adds a route.</summary>
    /// <param name="path">The pattern of the paths that take it.</param>
    /// <param name="cluster">Where it leads.</param>
    /// <returns>The route.</returns>
    YarpRoute AddRoute(string path, YarpCluster cluster);

    /// <summary>Adds a cluster: an endpoint of a resource.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <returns>The cluster.</returns>
    YarpCluster AddCluster(EndpointReference endpoint);

    /// <summary>Adds a cluster: a resource, by its HTTP endpoints.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The cluster.</returns>
    YarpCluster AddCluster(IResourceBuilder<IResourceWithServiceDiscovery> resource);

    /// <summary>Adds a cluster: a service that is not part of the application.</summary>
    /// <param name="externalService">The service.</param>
    /// <returns>The cluster.</returns>
    YarpCluster AddCluster(IResourceBuilder<ExternalServiceResource> externalService);

    /// <summary>Adds a cluster by the addresses of its destinations.</summary>
    /// <param name="clusterName">The name of the cluster.</param>
    /// <param name="destinations">The addresses: texts, URIs, or values that become known when the application runs.</param>
    /// <returns>The cluster.</returns>
    YarpCluster AddCluster(string clusterName, object[] destinations);

    /// <summary>Adds a cluster by the address of its only destination.</summary>
    /// <param name="clusterName">The name of the cluster.</param>
    /// <param name="destination">The address: a text, a URI, or a value that becomes known when the application runs.</param>
    /// <returns>The cluster.</returns>
    YarpCluster AddCluster(string clusterName, object destination) => AddCluster(clusterName, [destination]);
}

/// <summary>Adds routes together with their clusters.</summary>
public static class YarpConfigurationBuilderExtensions
{
    private const string EveryPath = "/{**catchall}";

    /// <summary>Adds a route that every path takes.</summary>
    /// <param name="builder">The configuration.</param>
    /// <param name="cluster">Where it leads.</param>
    /// <returns>The route.</returns>
    public static YarpRoute AddRoute(this IYarpConfigurationBuilder builder, YarpCluster cluster) =>
        Required(builder).AddRoute(EveryPath, cluster);

    /// <summary>Adds a route that every path takes.</summary>
    /// <param name="builder">The configuration.</param>
    /// <param name="endpoint">Where it leads.</param>
    /// <returns>The route.</returns>
    public static YarpRoute AddRoute(this IYarpConfigurationBuilder builder, EndpointReference endpoint) =>
        builder.AddRoute(EveryPath, endpoint);

    /// <summary>Adds a route that every path takes.</summary>
    /// <param name="builder">The configuration.</param>
    /// <param name="resource">Where it leads.</param>
    /// <returns>The route.</returns>
    public static YarpRoute AddRoute(this IYarpConfigurationBuilder builder, IResourceBuilder<IResourceWithServiceDiscovery> resource) =>
        builder.AddRoute(EveryPath, resource);

    /// <summary>Adds a route that every path takes.</summary>
    /// <param name="builder">The configuration.</param>
    /// <param name="externalService">Where it leads.</param>
    /// <returns>The route.</returns>
    public static YarpRoute AddRoute(this IYarpConfigurationBuilder builder, IResourceBuilder<ExternalServiceResource> externalService) =>
        builder.AddRoute(EveryPath, externalService);

    /// <summary>Adds a route.</summary>
    /// <param name="builder">The configuration.</param>
    /// <param name="path">The pattern of the paths that take it.</param>
    /// <param name="endpoint">Where it leads.</param>
    /// <returns>The route.</returns>
    public static YarpRoute AddRoute(this IYarpConfigurationBuilder builder, string path, EndpointReference endpoint) =>
        Required(builder).AddRoute(path, builder.AddCluster(endpoint));

    /// <summary>Adds a route.</summary>
    /// <param name="builder">The configuration.</param>
    /// <param name="path">The pattern of the paths that take it.</param>
    /// <param name="resource">Where it leads.</param>
    /// <returns>The route.</returns>
    public static YarpRoute AddRoute(
        this IYarpConfigurationBuilder builder, string path, IResourceBuilder<IResourceWithServiceDiscovery> resource) =>
        Required(builder).AddRoute(path, builder.AddCluster(resource));

    /// <summary>Adds a route.</summary>
    /// <param name="builder">The configuration.</param>
    /// <param name="path">The pattern of the paths that take it.</param>
    /// <param name="externalService">Where it leads.</param>
    /// <returns>The route.</returns>
    public static YarpRoute AddRoute(
        this IYarpConfigurationBuilder builder, string path, IResourceBuilder<ExternalServiceResource> externalService) =>
        Required(builder).AddRoute(path, builder.AddCluster(externalService));

    private static IYarpConfigurationBuilder Required(IYarpConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder;
    }
}
