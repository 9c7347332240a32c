using System.Net;
using Gateway.Clusters;
using Gateway.Http1;
using Gateway.Policies;
using Gateway.Requests;

namespace Gateway.Proxy;

/// <summary>
/// A request as the workload's sidecar sees it: a copy, because what the sidecar changes (a token it takes away) must not be missed by the
/// next attempt. Used again for the next attempt and the next request.
/// </summary>
/// <remarks>
/// The sidecar's peer is the proxy, here on this machine; its client is the last address of X-Forwarded-For, which the proxy has just
/// added. istio/istio pilot/pkg/networking/core/listener_inbound.go.
/// </remarks>
internal sealed class InboundRequest
{
    private readonly HeaderList _headers = new(isResponse: false);

    /// <summary>Makes one.</summary>
    /// <param name="callbacks">What the proxy does for the filters.</param>
    public InboundRequest(IFilterCallbacks callbacks) => Policies = new PolicyContext(Head) { Callbacks = callbacks };

    /// <summary>The request.</summary>
    public RequestHead Head { get; } = new();

    /// <summary>Its way through the policies of the workload.</summary>
    public PolicyContext Policies { get; }

    /// <summary>Begins with an attempt.</summary>
    /// <param name="request">The request that the proxy sends.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="host">The host.</param>
    public void Begin(RequestHead request, Cluster cluster, UpstreamHost host)
    {
        _headers.Take(request.Headers);
        Head.Reset(request.Method, request.Scheme, request.Authority, request.Path, request.Query, _headers);
        Head.SourceAddress = IPAddress.Loopback;
        Head.RemoteAddress = request.SourceAddress;
        Head.DestinationAddress = (host.Endpoint.Address as IPEndPoint)?.Address;
        Head.DestinationPort = host.Endpoint.Port;
        Policies.Reset();
        Policies.Route = new RouteScope(cluster.InboundName, "default", null, null) { IsMatched = true };
    }
}
