using Istio.Documents;

namespace Istio.Networking;

/// <summary>Writes traffic policies in C#: load balancing, ejection, connection pool, TLS. Each call returns a changed copy.</summary>
public static class TrafficPolicyExtensions
{
    /// <summary>Each endpoint in turn.</summary>
    public static TrafficPolicy RoundRobin(this TrafficPolicy policy) => policy.LoadBalancer(SimpleLoadBalancer.RoundRobin);

    /// <summary>Of two random endpoints, the one with fewer active requests; Istio's default.</summary>
    public static TrafficPolicy LeastRequest(this TrafficPolicy policy) => policy.LoadBalancer(SimpleLoadBalancer.LeastRequest);

    /// <summary>A random endpoint.</summary>
    public static TrafficPolicy Random(this TrafficPolicy policy) => policy.LoadBalancer(SimpleLoadBalancer.Random);

    /// <summary>The address that the caller asked for.</summary>
    public static TrafficPolicy Passthrough(this TrafficPolicy policy) => policy.LoadBalancer(SimpleLoadBalancer.Passthrough);

    /// <summary>One of <see cref="SimpleLoadBalancer"/>.</summary>
    public static TrafficPolicy LoadBalancer(this TrafficPolicy policy, string simple) =>
        policy with { LoadBalancer = (policy.LoadBalancer ?? new()) with { Simple = simple, ConsistentHash = null } };

    /// <summary>Requests with one value of a header go to one endpoint.</summary>
    public static TrafficPolicy HashHeader(this TrafficPolicy policy, string name) => policy.Hash(new() { HttpHeaderName = name });

    /// <summary>Requests with one value of a query parameter go to one endpoint.</summary>
    public static TrafficPolicy HashQueryParameter(this TrafficPolicy policy, string name) =>
        policy.Hash(new() { HttpQueryParameterName = name });

    /// <summary>Requests from one address go to one endpoint.</summary>
    public static TrafficPolicy HashSourceIp(this TrafficPolicy policy) => policy.Hash(new() { UseSourceIp = true });

    /// <summary>Requests with one value of a cookie go to one endpoint; the cookie is created when absent.</summary>
    /// <param name="policy">The policies.</param>
    /// <param name="name">Name of the cookie.</param>
    /// <param name="ttl">Lifetime of the cookie; zero makes a session cookie.</param>
    /// <param name="path">Path of the cookie.</param>
    public static TrafficPolicy HashCookie(this TrafficPolicy policy, string name, TimeSpan ttl, string? path = null) =>
        policy.Hash(new() { HttpCookie = new() { Name = name, Ttl = ttl, Path = path } });

    /// <summary>Takes endpoints out of load balancing that fail repeatedly; what is not given has Istio's default.</summary>
    /// <param name="policy">The policies.</param>
    /// <param name="consecutive5xx">Answers 5xx in a row; default 5, 0 turns it off.</param>
    /// <param name="consecutiveGatewayErrors">Answers 502, 503, 504 in a row; default off.</param>
    /// <param name="interval">Time between sweeps, which bring endpoints back; default 10 s.</param>
    /// <param name="baseEjectionTime">Shortest ejection; default 30 s.</param>
    /// <param name="maxEjectionPercent">Most endpoints out at a time; default 10, which is none of three: one takes 34, two 67.</param>
    /// <param name="minHealthPercent">Below this share of healthy endpoints ejection is ignored; default 0.</param>
    public static TrafficPolicy Eject(
        this TrafficPolicy policy, int? consecutive5xx = null, int? consecutiveGatewayErrors = null, TimeSpan? interval = null,
        TimeSpan? baseEjectionTime = null, int? maxEjectionPercent = null, int? minHealthPercent = null) =>
        policy with
        {
            OutlierDetection = new()
            {
                Consecutive5xxErrors = checked((uint?)consecutive5xx),
                ConsecutiveGatewayErrors = checked((uint?)consecutiveGatewayErrors),
                Interval = interval,
                BaseEjectionTime = baseEjectionTime,
                MaxEjectionPercent = maxEjectionPercent,
                MinHealthPercent = minHealthPercent,
            },
        };

    /// <summary>Limits connections and requests; what is not given has Istio's default, practically no limit.</summary>
    /// <param name="policy">The policies.</param>
    /// <param name="maxConnections">Most connections.</param>
    /// <param name="connectTimeout">Time to connect; default 10 s.</param>
    /// <param name="http1MaxPendingRequests">Most requests that wait for a connection.</param>
    /// <param name="http2MaxRequests">Most active requests, of HTTP/1.1 too.</param>
    /// <param name="maxRequestsPerConnection">Requests before a connection is closed; 0 no limit, 1 no keep-alive.</param>
    /// <param name="maxRetries">Most concurrent retries.</param>
    /// <param name="idleTimeout">How long an HTTP connection without requests stays open; default 1 h.</param>
    public static TrafficPolicy ConnectionPool(
        this TrafficPolicy policy, int? maxConnections = null, TimeSpan? connectTimeout = null, int? http1MaxPendingRequests = null,
        int? http2MaxRequests = null, int? maxRequestsPerConnection = null, int? maxRetries = null, TimeSpan? idleTimeout = null)
    {
        var tcp = new TCPSettings { MaxConnections = maxConnections, ConnectTimeout = connectTimeout };
        var http = new HTTPSettings
        {
            Http1MaxPendingRequests = http1MaxPendingRequests,
            Http2MaxRequests = http2MaxRequests,
            MaxRequestsPerConnection = maxRequestsPerConnection,
            MaxRetries = maxRetries,
            IdleTimeout = idleTimeout,
        };
        return policy with
        {
            ConnectionPool = new()
            {
                Tcp = tcp == new TCPSettings() ? null : tcp,
                Http = http == new HTTPSettings() ? null : http,
            }
        };
    }

    /// <summary>TLS of connections to the service, one of <see cref="ClientTlsMode"/>.</summary>
    public static TrafficPolicy Tls(this TrafficPolicy policy, string mode, string? sni = null) =>
        policy with { Tls = new() { Mode = mode, Sni = sni } };

    /// <summary>Policies for one port, which replace those above entirely.</summary>
    public static TrafficPolicy Port(this TrafficPolicy policy, int port, Func<TrafficPolicy, TrafficPolicy> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var own = settings(new TrafficPolicy());
        return policy with
        {
            PortLevelSettings = policy.PortLevelSettings.Add(new()
            {
                Port = new() { Number = checked((uint)port) },
                LoadBalancer = own.LoadBalancer,
                ConnectionPool = own.ConnectionPool,
                OutlierDetection = own.OutlierDetection,
                Tls = own.Tls,
            }),
        };
    }

    private static TrafficPolicy Hash(this TrafficPolicy policy, ConsistentHashLB hash) =>
        policy with { LoadBalancer = (policy.LoadBalancer ?? new()) with { Simple = null, ConsistentHash = hash } };
}
