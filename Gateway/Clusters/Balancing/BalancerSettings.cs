namespace Gateway.Clusters.Balancing;

/// <summary>How a host is chosen.</summary>
internal enum BalancerKind
{
    /// <summary>Of two random hosts the one with fewer active requests; Istio's default.</summary>
    LeastRequest,

    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>A random host.</summary>
    Random,

    /// <summary>The address the caller asked for.</summary>
    Passthrough,

    /// <summary>The host whose point on a ring follows the request's hash.</summary>
    RingHash,

    /// <summary>The host in the request's slot of a Maglev table.</summary>
    Maglev,
}

/// <summary>How the share of a new host grows (Envoy's slow start).</summary>
/// <param name="Window">How long the growth takes.</param>
/// <param name="Aggression">Shape of the growth: 1 is linear.</param>
/// <param name="MinWeightPercent">Share at the start, in percent.</param>
internal sealed record SlowStart(TimeSpan Window, double Aggression = 1, double MinWeightPercent = 10);

/// <summary>How a host is chosen.</summary>
/// <param name="Kind">The algorithm.</param>
internal sealed record BalancerSettings(BalancerKind Kind)
{
    /// <summary>For ROUND_ROBIN and LEAST_REQUEST: how new hosts warm up; null for at once.</summary>
    public SlowStart? SlowStart { get; init; }

    /// <summary>Size of the hash ring or the Maglev table.</summary>
    public ulong TableSize { get; init; }

    /// <summary>For PASSTHROUGH: the port that replaces the one asked for; 0 for none.</summary>
    public int PortOverride { get; init; }

    /// <summary>What of a request is hashed; null for nothing.</summary>
    public HashPolicy? Hash { get; init; }
}
