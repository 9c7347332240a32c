namespace Gateway.Forwarding;

/// <summary>ingress-nginx's default times towards endpoints (internal/ingress/controller/config/config.go).</summary>
internal sealed record UpstreamTimeouts
{
    /// <summary>proxy_connect_timeout.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>proxy_read_timeout and proxy_send_timeout: between two reads or writes.</summary>
    public TimeSpan Activity { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>upstream-keepalive-timeout.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>upstream-keepalive-time.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);
}
