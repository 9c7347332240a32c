using System.Net.Security;
using Gateway.Clusters;
using Gateway.Forwarding;

namespace Gateway.Proxy;

/// <summary>How the connections of a cluster are made, from what its DestinationRule says.</summary>
internal static class ClusterConnections
{
    // Envoy's longest response head: max_response_headers_kb, 60, and max_headers_count, 100.
    private const int MaxHeadSize = 60 * 1024;

    /// <summary>Most header lines of a response.</summary>
    public const int MaxHeaders = 100;

    /// <summary>The options of a cluster's connections.</summary>
    public static ConnectionOptions Options(Cluster cluster)
    {
        var settings = cluster.Settings.Connections;
        return new ConnectionOptions
        {
            Connect = settings.ConnectTimeout,
            Idle = settings.IdleTimeout,
            Lifetime = settings.MaxConnectionDuration,
            MaxRequests = settings.MaxRequestsPerConnection,
            MaxHeadSize = MaxHeadSize,
            Rules = ResponseRules.Envoy,
            Tls = cluster.Settings.Tls is { } tls ? Tls(cluster, tls, SslApplicationProtocol.Http11) : null,
            ProxyProtocol = cluster.Settings.ProxyProtocol,
            Keepalive = settings.TcpKeepalive,
        };
    }

    /// <summary>TLS towards a cluster's hosts.</summary>
    public static Func<SslClientAuthenticationOptions> Tls(Cluster cluster, ClusterTls tls, SslApplicationProtocol protocol)
    {
        var files = new ClientCertificates(tls);
        return () => files.Options(cluster.Key.Host, protocol);
    }
}
