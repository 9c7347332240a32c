using System.Collections.Immutable;
using Gateway.Clusters.Balancing;
using Gateway.Clusters.Limits;
using Gateway.Clusters.Outliers;
using Istio.Networking;

namespace Gateway.Clusters;

/// <summary>What is spoken to the hosts of a cluster.</summary>
internal enum ClusterProtocol
{
    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2, without TLS by prior knowledge.</summary>
    Http2,

    /// <summary>The protocol the client speaks.</summary>
    ClientProtocol,
}

/// <summary>TLS towards the hosts of a cluster, from a DestinationRule.</summary>
/// <param name="Mode">One of <see cref="ClientTlsMode"/>; never DISABLE, and ISTIO_MUTUAL only where a rule demands it.</param>
/// <param name="Sni">Server name of the handshake; null means that none is sent, or the request's authority where Istio does so.</param>
/// <param name="SubjectAltNames">Names of which the server's certificate must have one; empty means any.</param>
internal sealed record ClusterTls(string Mode, string? Sni, ImmutableArray<string> SubjectAltNames)
{
    /// <summary>The settings as they are written: files and credential names.</summary>
    public required ClientTLSSettings Source { get; init; }

    /// <summary>Whether the server's certificate is not checked.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>Names are compared by their text.</summary>
    public bool Equals(ClusterTls? other) =>
        other is not null && Mode == other.Mode && Source == other.Source && Sni == other.Sni && SkipVerify == other.SkipVerify
        && SubjectAltNames.AsSpan().SequenceEqual(other.SubjectAltNames.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Mode, Source, Sni, SkipVerify);
}

/// <summary>How long a connection may live and what it may carry.</summary>
/// <param name="ConnectTimeout">Time to connect, TLS handshake included; Istio's default is 10 s.</param>
/// <param name="IdleTimeout">How long a connection without requests stays open; null means for ever. Istio's default is 1 h.</param>
/// <param name="MaxRequestsPerConnection">Requests before a connection is closed; 0 no limit, 1 no keep-alive.</param>
internal sealed record ConnectionSettings(TimeSpan ConnectTimeout, TimeSpan? IdleTimeout, int MaxRequestsPerConnection)
{
    /// <summary>Longest life of a connection; null means no limit.</summary>
    public TimeSpan? MaxConnectionDuration { get; init; }

    /// <summary>Most concurrent streams of an HTTP/2 connection; 0 means Envoy's 2^31-1.</summary>
    public int MaxConcurrentStreams { get; init; }

    /// <summary>Keep-alive probes of the socket; null leaves them off.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }

    /// <summary>HTTP/2 PING frames; null sends none.</summary>
    public ConnectionKeepalive? Http2Keepalive { get; init; }
}

/// <summary>
/// Everything that is configured for a cluster, its hosts apart. Two clusters with equal settings are one and the same for Envoy, so the
/// runtime state outlives a reload; otherwise Envoy replaces the cluster and begins afresh.
/// </summary>
internal sealed record ClusterSettings
{
    /// <summary>What is spoken to the hosts.</summary>
    public required ClusterProtocol Protocol { get; init; }

    /// <summary>TLS; null for plain connections.</summary>
    public ClusterTls? Tls { get; init; }

    /// <summary>Connections.</summary>
    public required ConnectionSettings Connections { get; init; }

    /// <summary>Circuit breakers.</summary>
    public required CircuitBreakerLimits Limits { get; init; }

    /// <summary>How a host is chosen.</summary>
    public required BalancerSettings Balancer { get; init; }

    /// <summary>When hosts are ejected; null for never.</summary>
    public OutlierSettings? Outliers { get; init; }

    /// <summary>Version of the PROXY protocol header, V1 or V2; null sends none.</summary>
    public string? ProxyProtocol { get; init; }

    /// <summary>Tunnels TCP through a proxy; null for none.</summary>
    public TunnelSettings? Tunnel { get; init; }
}
