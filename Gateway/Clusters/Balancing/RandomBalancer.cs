using System.Collections.Immutable;

namespace Gateway.Clusters.Balancing;

/// <summary>RANDOM: every host is as likely as any other; weights do not count.</summary>
/// <remarks>envoyproxy/envoy source/extensions/load_balancing_policies/random/random_lb.cc.</remarks>
internal sealed class RandomBalancer(Random random) : LoadBalancer
{
    private volatile UpstreamHost[] _hosts = [];

    public override void Refresh(ImmutableArray<UpstreamHost> hosts) => _hosts = [.. hosts];

    public override UpstreamHost? Pick(in HostChoice choice, int attempt, ulong hash)
    {
        var hosts = _hosts;
        return hosts.Length == 0 ? null : hosts[random.Next(hosts.Length)];
    }
}
