using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>Names the bucket of a limit at a place.</summary>
/// <param name="Place">The proxy and its port.</param>
/// <param name="Filter">The EnvoyFilter, as namespace/name.</param>
/// <param name="Patch">The patch in it.</param>
/// <param name="VirtualHost">The virtual host, for a limit of routes.</param>
/// <param name="Route">The route, for a limit of routes.</param>
internal readonly record struct RateLimitKey(string Place, string Filter, int Patch, string VirtualHost = "", string Route = "");

/// <summary>The limiters of all places. A limit that a reload leaves as it is keeps its limiter, with what is left in the bucket.</summary>
internal sealed class LocalRateLimiters(TimeProvider time)
{
    private readonly KeptWhileInUse<RateLimitKey, LocalRateLimiter> _limiters = new();

    /// <summary>The limiter of a key: the one in use when it has this configuration, or a new one.</summary>
    public LocalRateLimiter Get(in RateLimitKey key, LocalRateLimit limit) =>
        _limiters.Get(key, () => new LocalRateLimiter(limit, time), limiter => limiter.Limit == limit);

    /// <summary>Forgets the keys of limiters that are gone.</summary>
    public void Prune() => _limiters.Prune();
}
