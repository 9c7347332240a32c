using System.Collections.Frozen;
using System.Net;
using Gateway.Clusters;
using Gateway.Policies;
using Gateway.Registry;
using Gateway.Requests;

namespace Gateway.Proxy;

/// <summary>
/// The inbound role: the policies of each workload, which in the cluster its own sidecar executes, on the request as it arrives there.
/// </summary>
/// <param name="chains">The chains by workload and its port; those that let everything through left out.</param>
internal sealed class InboundPolicies(FrozenDictionary<(WorkloadKey Workload, int Port), PolicyChain> chains)
{
    /// <summary>No policies.</summary>
    public static InboundPolicies None { get; } = new(FrozenDictionary<(WorkloadKey Workload, int Port), PolicyChain>.Empty);

    /// <summary>The workloads that have policies.</summary>
    public IReadOnlyDictionary<(WorkloadKey Workload, int Port), PolicyChain> Chains => chains;

    /// <summary>The policies in front of a host; null for none.</summary>
    public PolicyChain? For(UpstreamHost host) => chains.Count == 0 ? null : chains.GetValueOrDefault((host.Workload, host.Endpoint.Port));

    /// <summary>
    /// The request as the workload's sidecar sees it: a copy, because what the sidecar changes (a token it takes away) must not be missed
    /// by the next attempt.
    /// </summary>
    /// <remarks>
    /// The sidecar's peer is the proxy, here on this machine; its client is the last address of X-Forwarded-For, which the proxy has
    /// just added. istio/istio pilot/pkg/networking/core/listener_inbound.go.
    /// </remarks>
    public static RequestHead Arrive(RequestHead request, UpstreamHost host)
    {
        var headers = new HeaderDictionary(request.Headers.Count);
        foreach (var (name, values) in request.Headers)
        {
            headers[name] = values;
        }

        return new RequestHead
        {
            Method = request.Method,
            Scheme = request.Scheme,
            Authority = request.Authority,
            Path = request.Path,
            Query = request.Query,
            Headers = headers,
            SourceAddress = IPAddress.Loopback,
            RemoteAddress = request.SourceAddress,
            DestinationAddress = (host.Endpoint.Address as IPEndPoint)?.Address,
            DestinationPort = host.Endpoint.Port,
        };
    }
}
