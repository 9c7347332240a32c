using System.Collections.Immutable;

namespace Gateway.Clusters.Balancing;

/// <summary>The hosts of a hash table with their shares, which add up to 1.</summary>
/// <remarks>
/// envoyproxy/envoy source/extensions/load_balancing_policies/common/thread_aware_lb_impl.cc, normalizeHostWeights. What is hashed of a
/// host is its address with the port.
/// </remarks>
internal static class HashWeights
{
    /// <summary>The share of each host.</summary>
    public static double[] Normalize(ImmutableArray<UpstreamHost> hosts)
    {
        var sum = hosts.Sum(host => (long)host.Weight);
        return [.. hosts.Select(host => (double)host.Weight / sum)];
    }

    /// <summary>What is hashed of a host.</summary>
    public static string KeyOf(UpstreamHost host) => host.Endpoint.Authority;
}
