namespace Gateway.Clusters.Balancing;

/// <summary>ROUND_ROBIN: each host in turn, from a random one on; in proportion to weights where these differ.</summary>
/// <remarks>envoyproxy/envoy source/extensions/load_balancing_policies/round_robin/round_robin_lb.h.</remarks>
internal sealed class RoundRobinBalancer : EdfBalancer
{
    // The turn outlives changes of the hosts.
    private long _turn;

    public RoundRobinBalancer(BalancerSettings settings, TimeProvider time, Random random)
        : base(settings, time, random) => _turn = Seed - 1L;

    protected override UpstreamHost PickUnweighted(UpstreamHost[] hosts) =>
        hosts[(int)((ulong)Interlocked.Increment(ref _turn) % (uint)hosts.Length)];

    protected override double WeightOf(UpstreamHost host) => host.Weight;
}
