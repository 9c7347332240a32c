using System.Collections.Immutable;
using Gateway.Clusters.Balancing;
using Gateway.Clusters.Limits;
using Gateway.Clusters.Outliers;
using Gateway.Registry;

namespace Gateway.Clusters;

/// <summary>
/// The hosts behind a port of a service, or behind one of its subsets, with all runtime state: balancing, ejections, limits. Lives as
/// long as its settings stay the same; its hosts may come and go meanwhile.
/// </summary>
internal sealed class Cluster : IDisposable
{
    // Envoy's overprovisioning factor: a cluster with 5 of 7 hosts healthy still counts as fully healthy.
    private const int Overprovisioning = 140;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly LoadBalancer _balancer;
    private readonly OutlierDetector? _detector;
    private ImmutableArray<UpstreamHost> _hosts = [];
    private volatile bool _isPanicking;

    /// <summary>Makes a cluster.</summary>
    /// <param name="definition">Its name, settings and hosts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chance.</param>
    public Cluster(ClusterDefinition definition, TimeProvider time, Random random)
    {
        (Key, Settings, Source, _time, _random) = (definition.Key, definition.Settings, definition.Source, time, random);
        Name = definition.Key.ToString();
        InboundName = $"inbound|http|{definition.Key.Port}";
        Limits = new CircuitBreakers(definition.Settings.Limits, time);
        _balancer = LoadBalancer.Create(definition.Settings.Balancer, definition.Key.Port, time, random);
        _detector = definition.Settings.Outliers is { } outliers ? new OutlierDetector(outliers, time, _gate, Refresh) : null;
        Update(definition);
    }

    /// <summary>Its name.</summary>
    public ClusterKey Key { get; }

    /// <summary>Istio's name of it, as <see cref="ClusterKey"/> writes it.</summary>
    public string Name { get; }

    /// <summary>Istio's name of the virtual host that its hosts' own proxies have, such as <c>inbound|http|8080</c>.</summary>
    public string InboundName { get; }

    /// <summary>What is configured.</summary>
    public ClusterSettings Settings { get; }

    /// <summary>The DestinationRules that it comes from, such as <c>default/ping</c>; empty without one.</summary>
    public string Source { get; private set; }

    /// <summary>All hosts, ejected ones included.</summary>
    public ImmutableArray<UpstreamHost> Hosts => _hosts;

    /// <summary>What happened so far.</summary>
    public ClusterCounters Counters { get; } = new();

    /// <summary>Its circuit breakers.</summary>
    public CircuitBreakers Limits { get; }

    /// <summary>What of a request is hashed; null when the choice does not depend on the request.</summary>
    public HashPolicy? HashPolicy => Settings.Balancer.Hash;

    /// <summary>Whether a request's hash chooses its host.</summary>
    public bool UsesHash => Settings.Balancer.Kind is BalancerKind.RingHash or BalancerKind.Maglev;

    /// <summary>True while so few hosts are healthy that all are used, ejected ones too (<c>minHealthPercent</c>).</summary>
    public bool IsPanicking => _isPanicking;

    /// <summary>How many hosts are out.</summary>
    public int EjectedCount => _detector?.EjectedCount ?? 0;

    /// <summary>How many ejections there were.</summary>
    public long Ejections => _detector?.EjectionCount ?? 0;

    /// <summary>How many ejections <c>maxEjectionPercent</c> refused.</summary>
    public long RefusedEjections => _detector?.RefusedCount ?? 0;

    /// <summary>Chooses a host for an attempt.</summary>
    /// <returns>The host; null when there is none: 503 with flag UH and body <c>no healthy upstream</c>.</returns>
    public UpstreamHost? Choose(in HostChoice choice)
    {
        var hash = choice.Hash ?? (ulong)_random.NextInt64(long.MinValue, long.MaxValue);
        var avoid = choice.Avoid;
        var selections = avoid is null ? 1 : avoid.MaxReselections + 1;
        UpstreamHost? host = null;
        for (var attempt = 0; attempt < selections; attempt++)
        {
            host = _balancer.Pick(choice, attempt, hash);
            if (host is null)
            {
                Counters.CountWithoutHost();
                return null;
            }

            if (avoid is null || !avoid.Contains(host))
            {
                return host;
            }
        }

        return host;
    }

    /// <summary>Says how an attempt at a host ended; feeds outlier detection.</summary>
    public void Report(UpstreamHost host, in UpstreamOutcome outcome)
    {
        host.Count(outcome);
        _detector?.Report(host, outcome);
    }

    /// <summary>Takes the hosts of a definition with the same settings. Hosts that stay keep their state.</summary>
    public void Update(ClusterDefinition definition)
    {
        lock (_gate)
        {
            Source = definition.Source;
            var known = _hosts.ToDictionary(host => host.Endpoint);
            var weights = _hosts.Select(host => host.Weight).ToArray();
            var hosts = definition.Hosts.Select(source =>
            {
                if (known.TryGetValue(source.Endpoint, out var host))
                {
                    host.Source = source;
                    return host;
                }

                return new UpstreamHost(source, _time.GetTimestamp());
            }).ToImmutableArray();
            // A reload that changes nothing here must not shuffle schedules or build tables anew.
            var isSame = !_hosts.IsEmpty && hosts.SequenceEqual(_hosts) && weights.SequenceEqual(hosts.Select(host => host.Weight));
            _hosts = hosts;
            _detector?.Follow(hosts);
            if (!isSame)
            {
                Refresh();
            }
        }
    }

    /// <summary>Ends what runs by itself. Requests that are under way may still use the cluster.</summary>
    public void Dispose() => _detector?.Dispose();

    /// <summary>The cluster's name.</summary>
    public override string ToString() => Name;

    /// <summary>Tells the balancer which hosts may be used.</summary>
    /// <remarks>
    /// envoyproxy/envoy load_balancer_impl.cc, recalculatePerPriorityPanic. Istio turns panic off unless minHealthPercent is set.
    /// </remarks>
    private void Refresh()
    {
        var healthy = _hosts.RemoveAll(host => host.IsEjected);
        var threshold = Settings.Outliers?.MinHealthPercent ?? 0;
        _isPanicking = threshold > 0 && _hosts.Length > 0 && Overprovisioning * healthy.Length / _hosts.Length < 100
            && 100.0 * healthy.Length / _hosts.Length < threshold;
        _balancer.Refresh(_isPanicking ? _hosts : healthy);
    }
}
