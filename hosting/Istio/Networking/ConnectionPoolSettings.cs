using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>Limits for connections and requests to a service, counted in each client proxy.</summary>
public sealed record ConnectionPoolSettings : SchemaObject
{
    /// <summary>Limits for TCP connections.</summary>
    public TCPSettings? Tcp { get; init; }

    /// <summary>Limits for HTTP requests.</summary>
    public HTTPSettings? Http { get; init; }
}

/// <summary>Limits for TCP connections.</summary>
public sealed record TCPSettings : SchemaObject
{
    /// <summary>Most connections to the service; default 2^32-1.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Time to connect; default 10s.</summary>
    public Duration? ConnectTimeout { get; init; }

    /// <summary>Keep-alive probes of the socket.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }

    /// <summary>Longest life of a connection. Absent: no limit.</summary>
    public Duration? MaxConnectionDuration { get; init; }

    /// <summary>How long a TCP connection may be idle; default 1h.</summary>
    public Duration? IdleTimeout { get; init; }
}

/// <summary>Keep-alive probes of a socket; absent values are the operating system's.</summary>
public sealed record TcpKeepalive : SchemaObject
{
    /// <summary>Unanswered probes before the connection counts as dead.</summary>
    public uint? Probes { get; init; }

    /// <summary>Idle time before the first probe.</summary>
    public Duration? Time { get; init; }

    /// <summary>Time between probes.</summary>
    public Duration? Interval { get; init; }
}

/// <summary>Limits for HTTP requests. The first two apply to HTTP/1.1 and HTTP/2 alike.</summary>
public sealed record HTTPSettings : SchemaObject
{
    /// <summary>Most requests that wait for a connection; default 2^32-1.</summary>
    public int? Http1MaxPendingRequests { get; init; }

    /// <summary>Most active requests; default 2^32-1.</summary>
    public int? Http2MaxRequests { get; init; }

    /// <summary>Requests before a connection is closed; 0 no limit (default), 1 no keep-alive.</summary>
    public int? MaxRequestsPerConnection { get; init; }

    /// <summary>Most concurrent retries; default 2^32-1.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>How long a connection without requests stays open; default 1h.</summary>
    public Duration? IdleTimeout { get; init; }

    /// <summary>Whether HTTP/1.1 is upgraded to HTTP/2.</summary>
    [AllowedValues(H2UpgradePolicies.Default, H2UpgradePolicies.DoNotUpgrade, H2UpgradePolicies.Upgrade)]
    public string? H2UpgradePolicy { get; init; }

    /// <summary>Whether the protocol of the client is kept; h2UpgradePolicy is then ignored. Default false.</summary>
    public bool? UseClientProtocol { get; init; }

    /// <summary>Most concurrent streams of an HTTP/2 connection; default 2^31-1.</summary>
    public int? MaxConcurrentStreams { get; init; }

    /// <summary>HTTP/2 PING frames on connections to the service.</summary>
    public ConnectionKeepalive? Http2KeepAlive { get; init; }
}

/// <summary>HTTP/2 PING frames.</summary>
public sealed record ConnectionKeepalive : SchemaObject
{
    /// <summary>Time between PING frames.</summary>
    public Duration? Interval { get; init; }

    /// <summary>Time for the answer before the connection is closed.</summary>
    public Duration? Timeout { get; init; }
}

/// <summary>Whether HTTP/1.1 is upgraded to HTTP/2.</summary>
public static class H2UpgradePolicies
{
    /// <summary>As the mesh configuration says.</summary>
    public const string Default = "DEFAULT";

    /// <summary>Never.</summary>
    public const string DoNotUpgrade = "DO_NOT_UPGRADE";

    /// <summary>Always.</summary>
    public const string Upgrade = "UPGRADE";
}

/// <summary>Takes endpoints out of load balancing that fail repeatedly. Counted in each client proxy.</summary>
public sealed record OutlierDetection : SchemaObject
{
    /// <summary>Deprecated: use consecutiveGatewayErrors or consecutive5xxErrors.</summary>
    public int? ConsecutiveErrors { get; init; }

    /// <summary>Whether failures to connect are counted apart, by consecutiveLocalOriginFailures; default false.</summary>
    public bool? SplitExternalLocalOriginErrors { get; init; }

    /// <summary>Failures to connect in a row before ejection, when counted apart; default 5.</summary>
    public uint? ConsecutiveLocalOriginFailures { get; init; }

    /// <summary>Answers 502, 503, 504 in a row before ejection; 0 or absent turns it off.</summary>
    public uint? ConsecutiveGatewayErrors { get; init; }

    /// <summary>Answers 5xx in a row before ejection; default 5, 0 turns it off.</summary>
    public uint? Consecutive5xxErrors { get; init; }

    /// <summary>Time between sweeps, which bring endpoints back; default 10s.</summary>
    public Duration? Interval { get; init; }

    /// <summary>Shortest ejection; multiplied by how often the endpoint was ejected. Default 30s.</summary>
    public Duration? BaseEjectionTime { get; init; }

    /// <summary>Most endpoints out at a time, in percent; default 10. Of 3 endpoints one can be ejected only from 34 on.</summary>
    public int? MaxEjectionPercent { get; init; }

    /// <summary>Below this share of healthy endpoints, ejection is ignored; default 0, never.</summary>
    public int? MinHealthPercent { get; init; }

    /// <summary>Status codes (100 to 599) that count as errors instead of 5xx.</summary>
    public EquatableArray<uint> OutlierDetectionHttpErrorCodes { get; init; }
}
