using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>How an endpoint is chosen: one of simple, consistentHash and backendUtilization.</summary>
public sealed record LoadBalancerSettings : SchemaObject
{
    /// <summary>An algorithm that looks at the endpoints only; default LEAST_REQUEST.</summary>
    [AllowedValues(
        SimpleLoadBalancer.Unspecified, SimpleLoadBalancer.LeastConn, SimpleLoadBalancer.Random, SimpleLoadBalancer.Passthrough,
        SimpleLoadBalancer.RoundRobin, SimpleLoadBalancer.LeastRequest)]
    public string? Simple { get; init; }

    /// <summary>Keeps requests with equal properties on one endpoint.</summary>
    public ConsistentHashLB? ConsistentHash { get; init; }

    /// <summary>Weights endpoints by the load that they report (ORCA).</summary>
    public BackendUtilizationLB? BackendUtilization { get; init; }

    /// <summary>Spreads load over regions and zones; replaces the mesh-wide setting. Not together with zoneAwareLbSetting.</summary>
    public LocalityLoadBalancerSetting? LocalityLbSetting { get; init; }

    /// <summary>Prefers endpoints of the caller's zone; replaces the mesh-wide setting.</summary>
    public ZoneAwareLoadBalancerSetting? ZoneAwareLbSetting { get; init; }

    /// <summary>Deprecated: time in which a new endpoint's share grows; use warmup.</summary>
    public Duration? WarmupDurationSecs { get; init; }

    /// <summary>How the share of a new endpoint grows; for ROUND_ROBIN and LEAST_REQUEST only.</summary>
    public WarmupConfiguration? Warmup { get; init; }
}

/// <summary>Weights that follow the load which endpoints report in ORCA trailers or headers.</summary>
public sealed record BackendUtilizationLB : SchemaObject
{
    /// <summary>How long an endpoint must have reported before its weight counts.</summary>
    public Duration? WeightStabilizationPeriod { get; init; }

    /// <summary>After this time without a report the endpoint has the default weight again.</summary>
    public Duration? WeightExpirationPeriod { get; init; }

    /// <summary>How often the weights are computed anew.</summary>
    public Duration? WeightUpdatePeriod { get; init; }

    /// <summary>What errors add to the utilization, in percent of it.</summary>
    public uint? ErrorUtilizationPenaltyPercent { get; init; }

    /// <summary>Custom metrics of the report that count as utilization.</summary>
    public EquatableArray<string> MetricNamesForComputingUtilization { get; init; }
}

/// <summary>What is hashed (one of header, cookie, source address and query parameter) and how.</summary>
public sealed record ConsistentHashLB : SchemaObject
{
    /// <summary>Hashes this header.</summary>
    public string? HttpHeaderName { get; init; }

    /// <summary>Hashes this cookie, which is created when absent.</summary>
    public HTTPCookie? HttpCookie { get; init; }

    /// <summary>Hashes the caller's address.</summary>
    public bool? UseSourceIp { get; init; }

    /// <summary>Hashes this query parameter.</summary>
    public string? HttpQueryParameterName { get; init; }

    /// <summary>Uses a ring of hashes (default).</summary>
    public RingHash? RingHash { get; init; }

    /// <summary>Uses Maglev tables.</summary>
    public MagLev? Maglev { get; init; }

    /// <summary>Deprecated: size of the ring; use ringHash.</summary>
    public ulong? MinimumRingSize { get; init; }
}

/// <summary>A cookie that keeps a client on one endpoint.</summary>
public sealed record HTTPCookie : SchemaObject
{
    /// <summary>Name of the cookie.</summary>
    public string? Name { get; init; }

    /// <summary>Path of the cookie.</summary>
    public string? Path { get; init; }

    /// <summary>Lifetime of the cookie; 0 makes a session cookie.</summary>
    public Duration? Ttl { get; init; }

    /// <summary>More attributes of the cookie.</summary>
    public EquatableArray<CookieAttributeValue> Attributes { get; init; }
}

/// <summary>An attribute of a cookie, for example SameSite.</summary>
public sealed record CookieAttributeValue : SchemaObject
{
    /// <summary>Name of the attribute.</summary>
    public string? Name { get; init; }

    /// <summary>Value of the attribute.</summary>
    public string? Value { get; init; }
}

/// <summary>A ring of hashes.</summary>
public sealed record RingHash : SchemaObject
{
    /// <summary>Least number of points on the ring; default 1024.</summary>
    public ulong? MinimumRingSize { get; init; }
}

/// <summary>A Maglev table.</summary>
public sealed record MagLev : SchemaObject
{
    /// <summary>Size of the table, a prime number; default 65537.</summary>
    public ulong? TableSize { get; init; }
}

/// <summary>Spreads load over localities: one of distribute, failover and failoverPriority.</summary>
public sealed record LocalityLoadBalancerSetting : SchemaObject
{
    /// <summary>Shares for each pair of localities.</summary>
    public EquatableArray<LocalityDistribute> Distribute { get; init; }

    /// <summary>To which region traffic of a region fails over.</summary>
    public EquatableArray<LocalityFailover> Failover { get; init; }

    /// <summary>Labels, in order, by which endpoints are grouped into priorities.</summary>
    public EquatableArray<string> FailoverPriority { get; init; }

    /// <summary>Turns locality load balancing on or off; absent means the mesh-wide setting.</summary>
    public bool? Enabled { get; init; }
}

/// <summary>Shares of traffic from one locality.</summary>
public sealed record LocalityDistribute : SchemaObject
{
    /// <summary>Where the caller is: region/zone/sub-zone, with "*" as wildcard.</summary>
    public string? From { get; init; }

    /// <summary>Share in percent by the endpoint's locality; the sum is 100.</summary>
    public EquatableDictionary<uint> To { get; init; }
}

/// <summary>Failover from one region to another.</summary>
public sealed record LocalityFailover : SchemaObject
{
    /// <summary>The region where endpoints fail.</summary>
    public string? From { get; init; }

    /// <summary>The region that takes over.</summary>
    public string? To { get; init; }
}

/// <summary>Prefers endpoints of the caller's zone.</summary>
public sealed record ZoneAwareLoadBalancerSetting : SchemaObject
{
    /// <summary>Turns zone-aware load balancing on or off; absent means the mesh-wide setting.</summary>
    public bool? Enabled { get; init; }

    /// <summary>To which region traffic of a region fails over.</summary>
    public EquatableArray<LocalityFailover> Failover { get; init; }

    /// <summary>Labels, in order, by which endpoints are grouped into priorities.</summary>
    public EquatableArray<string> FailoverPriority { get; init; }

    /// <summary>Endpoints a service must have before zones are looked at.</summary>
    public ulong? MinClusterSize { get; init; }
}

/// <summary>How the share of a new endpoint grows.</summary>
public sealed record WarmupConfiguration : SchemaObject
{
    /// <summary>How long the growth takes.</summary>
    public Duration? Duration { get; init; }

    /// <summary>Share at the start, in percent of the full share; default 10.</summary>
    [Range(0d, 100d)]
    public double? MinimumPercent { get; init; }

    /// <summary>Shape of the growth: 1 is linear (default), more starts slower.</summary>
    [Range(0d, double.MaxValue)]
    public double? Aggression { get; init; }
}

/// <summary>Algorithms that look at the endpoints only.</summary>
public static class SimpleLoadBalancer
{
    /// <summary>The default, which is LEAST_REQUEST.</summary>
    public const string Unspecified = "UNSPECIFIED";

    /// <summary>Deprecated spelling of LEAST_REQUEST.</summary>
    public const string LeastConn = "LEAST_CONN";

    /// <summary>A random endpoint.</summary>
    public const string Random = "RANDOM";

    /// <summary>The address that the caller asked for.</summary>
    public const string Passthrough = "PASSTHROUGH";

    /// <summary>Each in turn.</summary>
    public const string RoundRobin = "ROUND_ROBIN";

    /// <summary>Of two random endpoints, the one with fewer active requests.</summary>
    public const string LeastRequest = "LEAST_REQUEST";
}
