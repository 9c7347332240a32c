using System.Collections.Frozen;
using System.Collections.Immutable;
using Istio.Networking;

namespace Gateway.Routing;

/// <summary>All routes of a mesh folder, compiled.</summary>
/// <param name="Servers">
/// The servers of all Istio Gateways and Gateway API listeners that speak HTTP or HTTPS, in order. Those of one plain port share one table.
/// </param>
/// <param name="Services">The table of each service port in the mesh role, by the service's full name and port.</param>
/// <param name="Normalization">How paths are normalised before anything looks at them.</param>
internal sealed record IstioRoutes(
    ImmutableArray<GatewayServer> Servers, FrozenDictionary<(string Host, int Port), RouteTable> Services, PathNormalization Normalization)
{
    /// <summary>Nothing is routed.</summary>
    public static readonly IstioRoutes Empty =
        new([], FrozenDictionary<(string Host, int Port), RouteTable>.Empty, PathNormalization.Base);
}

/// <summary>A server of a Gateway that speaks HTTP.</summary>
/// <param name="Gateway">Namespace and name of the Gateway, such as <c>default/gateway</c>.</param>
/// <param name="Name">The server's or listener's name; empty when it has none.</param>
/// <param name="Port">The port in the cluster.</param>
/// <param name="Protocol">HTTP, HTTPS, HTTP2 or GRPC, in upper case.</param>
/// <param name="Hosts">The server names (SNI) for which it is chosen: host names, <c>*</c> or names that begin with <c>*</c>.</param>
/// <param name="Tls">How TLS is ended; null for a plain server.</param>
/// <param name="Routes">Its routes.</param>
internal sealed record GatewayServer(
    string Gateway, string Name, int Port, string Protocol, ImmutableArray<string> Hosts, ServerTLSSettings? Tls, RouteTable Routes)
{
    /// <summary>The labels of the pods that run it in the cluster; policies are selected by them.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The namespace of its pods in the cluster: policies and certificates are looked up there.</summary>
    public required string Namespace { get; init; }

    /// <summary>The secrets with its certificates, in the cluster.</summary>
    public ImmutableArray<SecretName> Secrets { get; init; } = [];

    /// <summary>Where it is written.</summary>
    public RouteSource Source { get; init; }
}
