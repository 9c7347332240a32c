namespace Gateway.Forwarding;

/// <summary>ingress-nginx's default times towards endpoints (internal/ingress/controller/config/config.go).</summary>
internal static class UpstreamTimeouts
{
    /// <summary>proxy_connect_timeout.</summary>
    public static readonly TimeSpan Connect = TimeSpan.FromSeconds(5);

    /// <summary>proxy_read_timeout and proxy_send_timeout: between two reads or writes.</summary>
    public static readonly TimeSpan Activity = TimeSpan.FromSeconds(60);

    /// <summary>upstream-keepalive-timeout.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    /// <summary>upstream-keepalive-time.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
}
