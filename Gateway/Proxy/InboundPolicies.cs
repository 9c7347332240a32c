using System.Collections.Frozen;
using Gateway.Clusters;
using Gateway.Policies;
using Gateway.Registry;

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
}
