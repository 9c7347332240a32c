using System.Collections.Immutable;

namespace Gateway.Clusters.Balancing;

/// <summary>
/// Chooses among the hosts that may be used. It is told when these change, which is rare; a choice neither locks nor allocates.
/// </summary>
internal abstract class LoadBalancer
{
    /// <summary>Takes the hosts that may be used from now on: without ejected ones, or all in Envoy's panic.</summary>
    /// <param name="hosts">The hosts, in the cluster's order.</param>
    public abstract void Refresh(ImmutableArray<UpstreamHost> hosts);

    /// <summary>Chooses a host; null when there is none.</summary>
    /// <param name="choice">What it depends on.</param>
    /// <param name="attempt">How often hosts were refused in this choice.</param>
    /// <param name="hash">The request's hash, or a random number without one.</param>
    public abstract UpstreamHost? Pick(in HostChoice choice, int attempt, ulong hash);

    /// <summary>Makes the balancer of a cluster.</summary>
    /// <param name="settings">Which one.</param>
    /// <param name="port">The cluster's port, for an authority without one.</param>
    /// <param name="time">The clock of warm-up.</param>
    /// <param name="random">Chance.</param>
    public static LoadBalancer Create(BalancerSettings settings, int port, TimeProvider time, Random random) => settings.Kind switch
    {
        BalancerKind.RoundRobin => new RoundRobinBalancer(settings, time, random),
        BalancerKind.Random => new RandomBalancer(random),
        BalancerKind.RingHash => new RingHashBalancer(settings.TableSize),
        BalancerKind.Maglev => new MaglevBalancer(settings.TableSize),
        BalancerKind.Passthrough => new PassthroughBalancer(port, settings.PortOverride, time, random),
        _ => new LeastRequestBalancer(settings, time, random),
    };
}
