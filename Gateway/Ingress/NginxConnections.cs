using Gateway.Forwarding;

namespace Gateway.Ingress;

/// <summary>ingress-nginx's defaults towards endpoints (internal/ingress/controller/config/config.go).</summary>
internal static class NginxConnections
{
    /// <summary>
    /// proxy_connect_timeout 5 s; proxy_read_timeout and proxy_send_timeout 60 s, between two reads or writes; upstream-keepalive-timeout
    /// 60 s and upstream-keepalive-time 1 h; a response head must fit into proxy_buffer_size, 4k.
    /// </summary>
    public static readonly ConnectionOptions Options = new()
    {
        Connect = TimeSpan.FromSeconds(5),
        Activity = TimeSpan.FromSeconds(60),
        Idle = TimeSpan.FromSeconds(60),
        Lifetime = TimeSpan.FromHours(1),
        MaxHeadSize = 4096,
        Rules = ResponseRules.Nginx,
    };

    /// <summary>upstream-keepalive-connections: how many idle connections to an endpoint are kept.</summary>
    public const int MaxIdle = 320;
}
