using Gateway.AccessLogs;
using Gateway.Clusters;
using Gateway.Policies;
using Gateway.Routing;

namespace Gateway.Proxy;

/// <summary>
/// Everything that is done to the requests of one listener, or of one TLS server of a listener: what Envoy calls a filter chain. Part of
/// a snapshot, immutable.
/// </summary>
/// <param name="Kind">A gateway's, or a caller's sidecar's.</param>
/// <param name="Port">The port the rules know: of the Gateway's server, or of the service.</param>
/// <param name="Routes">The routes.</param>
/// <param name="Policies">What happens before the router.</param>
/// <param name="Clusters">The clusters, as this proxy has them.</param>
/// <param name="Normalization">How paths are normalised.</param>
/// <param name="Inbound">The policies in front of the endpoints.</param>
internal sealed record FilterChain(
    ListenerKind Kind, int Port, RouteTable Routes, PolicyChain Policies, ClusterSet Clusters, PathNormalization Normalization,
    InboundPolicies Inbound)
{
    /// <summary>Which requests the access log has.</summary>
    public AccessLogRule AccessLog { get; init; } = new(false, null);

    /// <summary>What metrics say of who calls whom.</summary>
    public TrafficLabels Traffic { get; init; } = new(null);

    /// <summary>
    /// The <c>server</c> header of responses: a gateway's name, or that of a sidecar for calls from its own application, which Istio leaves
    /// at Envoy's default. istio/istio pilot/pkg/networking/util/proxy_headers.go.
    /// </summary>
    public string ServerName => Kind == ListenerKind.Gateway ? "istio-envoy" : "envoy";

    /// <summary>
    /// Whether the connection's peer is the client: at a gateway. A sidecar believes the X-Forwarded-For of its own application.
    /// istio/istio pilot/pkg/networking/core/gateway.go and listener_builder.go, useRemoteAddress.
    /// </summary>
    public bool IsEdge => Kind == ListenerKind.Gateway;
}
