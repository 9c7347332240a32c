namespace Gateway.Clusters.Balancing;

/// <summary>
/// LEAST_REQUEST: of two random hosts the one with fewer active requests. Where weights differ, by earliest deadline first with the
/// weight divided by the active requests.
/// </summary>
/// <remarks>
/// envoyproxy/envoy source/extensions/load_balancing_policies/least_request/least_request_lb.cc; active_request_bias is 1.
/// </remarks>
internal sealed class LeastRequestBalancer : EdfBalancer
{
    private readonly Random _random;

    public LeastRequestBalancer(BalancerSettings settings, TimeProvider time, Random random)
        : base(settings, time, random) => _random = random;

    protected override UpstreamHost PickUnweighted(UpstreamHost[] hosts)
    {
        // The two may be one and the same; of equals the first counts.
        var first = hosts[_random.Next(hosts.Length)];
        var second = hosts[_random.Next(hosts.Length)];
        return second.ActiveRequests < first.ActiveRequests ? second : first;
    }

    protected override double WeightOf(UpstreamHost host) => host.Weight / (host.ActiveRequests + 1.0);
}
