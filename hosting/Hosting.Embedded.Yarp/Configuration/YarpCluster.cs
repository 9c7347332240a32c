using Aspire.Hosting.ApplicationModel;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Aspire.Hosting.Yarp;

/// <summary>Where routes lead: one destination or several.</summary>
public class YarpCluster
{
    private readonly object[] _targets;

    internal YarpCluster(string name, params object[] targets)
    {
        Config = new ClusterConfig { ClusterId = $"cluster_{name}" };
        _targets = targets;
    }

    internal ClusterConfig Config { get; private set; }

    /// <summary>
    /// The addresses of the destinations. A resource goes by its name, which service discovery resolves; asked for when the variables are
    /// made, because endpoints may be declared after the cluster.
    /// </summary>
    internal IEnumerable<object> Addresses => _targets.SelectMany(static target => target switch
    {
        EndpointReference endpoint => [AddressOf(endpoint)],
        IResourceWithServiceDiscovery resource => AddressesOf(resource),
        ExternalServiceResource { Uri: { } uri } => [uri.ToString()],
        ExternalServiceResource { UrlParameter: { } parameter } => [parameter],
        Uri uri => [uri.ToString()],
        _ => [target],
    });

    internal YarpCluster Configure(Func<ClusterConfig, ClusterConfig> change)
    {
        Config = change(Config);
        return this;
    }

    private static string AddressOf(EndpointReference endpoint) => endpoint.IsHttpSchemeNamedEndpoint
        ? $"{endpoint.Scheme}://{endpoint.Resource.Name}"
        : $"{endpoint.Scheme}://_{endpoint.EndpointName}.{endpoint.Resource.Name}";

    private static IEnumerable<object> AddressesOf(IResourceWithServiceDiscovery resource)
    {
        EndpointReference[] endpoints =
            [.. resource.GetEndpoints().Where(static endpoint => !endpoint.ExcludeReferenceEndpoint && (endpoint.IsHttp || endpoint.IsHttps))];
        if (endpoints.Length == 0)
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}' is a destination of a reverse proxy and has no HTTP endpoint; add WithHttpEndpoint().");
        }

        // By name the schemes are tried in this order: https://learn.microsoft.com/dotnet/core/extensions/service-discovery
        string[] schemes = [.. endpoints.Where(static endpoint => endpoint.IsHttpSchemeNamedEndpoint)
            .Select(static endpoint => endpoint.Scheme).Distinct().OrderDescending()];
        return schemes.Length == 0 ? endpoints.Select(AddressOf) : [$"{string.Join('+', schemes)}://{resource.Name}"];
    }
}

/// <summary>Configures clusters.</summary>
public static class YarpClusterExtensions
{
    /// <summary>Sets how requests are sent.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="config">Timeouts, buffering and versions.</param>
    /// <returns>The cluster.</returns>
    public static YarpCluster WithForwarderRequestConfig(this YarpCluster cluster, ForwarderRequestConfig config) =>
        Required(cluster).Configure(current => current with { HttpRequest = config });

    /// <summary>Sets how connections are made.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="config">TLS, limits and proxies.</param>
    /// <returns>The cluster.</returns>
    public static YarpCluster WithHttpClientConfig(this YarpCluster cluster, HttpClientConfig config) =>
        Required(cluster).Configure(current => current with { HttpClient = config });

    /// <summary>Keeps a client with a destination.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="config">How the client is recognised.</param>
    /// <returns>The cluster.</returns>
    public static YarpCluster WithSessionAffinityConfig(this YarpCluster cluster, SessionAffinityConfig config) =>
        Required(cluster).Configure(current => current with { SessionAffinity = config });

    /// <summary>Leaves out destinations that are not healthy.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="config">How health is found out.</param>
    /// <returns>The cluster.</returns>
    public static YarpCluster WithHealthCheckConfig(this YarpCluster cluster, HealthCheckConfig config) =>
        Required(cluster).Configure(current => current with { HealthCheck = config });

    /// <summary>Chooses how requests are spread over the destinations.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="policy">The name of the policy, such as <c>RoundRobin</c>.</param>
    /// <returns>The cluster.</returns>
    public static YarpCluster WithLoadBalancingPolicy(this YarpCluster cluster, string policy) =>
        Required(cluster).Configure(current => current with { LoadBalancingPolicy = policy });

    /// <summary>Sets metadata, which extensions of YARP read.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="metadata">The metadata.</param>
    /// <returns>The cluster.</returns>
    public static YarpCluster WithMetadata(this YarpCluster cluster, IReadOnlyDictionary<string, string> metadata) =>
        Required(cluster).Configure(current => current with { Metadata = metadata });

    private static YarpCluster Required(YarpCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return cluster;
    }
}
