using System.Collections.Immutable;

namespace Gateway.Clusters.Balancing;

/// <summary>
/// What ROUND_ROBIN and LEAST_REQUEST have in common: hosts of equal weight are picked without a schedule, hosts of different weights and
/// hosts that warm up by earliest deadline first.
/// </summary>
/// <remarks>
/// envoyproxy/envoy source/extensions/load_balancing_policies/common/load_balancer_impl.cc, EdfLoadBalancerBase. A host warms up from when
/// it joins, not when it comes back from an ejection.
/// </remarks>
internal abstract class EdfBalancer : LoadBalancer
{
    private readonly TimeProvider _time;
    private readonly SlowStart? _slowStart;
    private readonly Func<UpstreamHost, double> _weigh;
    private readonly uint _picks;
    private long _latestAdded;
    private volatile Schedule _schedule = new([], null);

    protected EdfBalancer(BalancerSettings settings, TimeProvider time, Random random)
    {
        _time = time;
        _slowStart = settings.SlowStart is { Window.Ticks: > 0 } slowStart ? slowStart : null;
        _weigh = Weigh;
        Seed = (uint)random.NextInt64(1L << 32);
        _picks = Seed;
        _latestAdded = time.GetTimestamp();
    }

    /// <summary>Where the first turn is.</summary>
    protected uint Seed { get; }

    public override void Refresh(ImmutableArray<UpstreamHost> hosts)
    {
        var array = hosts.ToArray();
        foreach (var host in array)
        {
            if (host.AddedAt > _latestAdded)
            {
                _latestAdded = host.AddedAt;
            }
        }

        var isPlain = array.Length <= 1 || (Array.TrueForAll(array, host => host.Weight == array[0].Weight) && !IsSlowStarting());
        _schedule = new Schedule(array, isPlain ? null : EdfScheduler.CreateWithPicks(array, _weigh, _picks));
    }

    public override UpstreamHost? Pick(in HostChoice choice, int attempt, ulong hash)
    {
        var schedule = _schedule;
        if (schedule.Edf is { } edf)
        {
            lock (schedule)
            {
                return edf.Pick(_weigh);
            }
        }

        return schedule.Hosts.Length == 0 ? null : PickUnweighted(schedule.Hosts);
    }

    /// <summary>Picks one of hosts that weigh the same.</summary>
    protected abstract UpstreamHost PickUnweighted(UpstreamHost[] hosts);

    /// <summary>The weight of a host at this moment, warm-up apart.</summary>
    protected abstract double WeightOf(UpstreamHost host);

    private double Weigh(UpstreamHost host)
    {
        var weight = WeightOf(host);
        return _slowStart is { } slowStart && IsSlowStarting() ? weight * Factor(host, slowStart) : weight;
    }

    private double Factor(UpstreamHost host, SlowStart slowStart)
    {
        var window = (long)slowStart.Window.TotalMilliseconds;
        var age = Milliseconds(host.AddedAt);
        if (age >= window)
        {
            return 1;
        }

        var aggression = slowStart.Aggression > 0 ? slowStart.Aggression : 1;
        var share = Math.Max(1, age) / (double)window;
        return Math.Max(aggression == 1 ? share : Math.Pow(share, 1 / aggression), slowStart.MinWeightPercent / 100);
    }

    private bool IsSlowStarting() =>
        _slowStart is { } slowStart && Milliseconds(Volatile.Read(ref _latestAdded)) <= (long)slowStart.Window.TotalMilliseconds;

    private long Milliseconds(long since) => (long)_time.GetElapsedTime(since).TotalMilliseconds;

    private sealed record Schedule(UpstreamHost[] Hosts, EdfScheduler? Edf);
}
