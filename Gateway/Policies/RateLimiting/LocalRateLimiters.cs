using System.Collections.Concurrent;
using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>Names the bucket of a limit at a place.</summary>
/// <param name="Place">The proxy and its port.</param>
/// <param name="Filter">The EnvoyFilter, as namespace/name.</param>
/// <param name="Patch">The patch in it.</param>
/// <param name="VirtualHost">The virtual host, for a limit of routes.</param>
/// <param name="Route">The route, for a limit of routes.</param>
internal readonly record struct RateLimitKey(string Place, string Filter, int Patch, string VirtualHost = "", string Route = "");

/// <summary>
/// The limiters that chains in use hold. A reload that leaves a limit as it is finds its limiter here, with what is left in the bucket; one
/// that no chain holds any more is forgotten.
/// </summary>
internal sealed class LocalRateLimiters(TimeProvider time)
{
    private readonly ConcurrentDictionary<RateLimitKey, WeakReference<LocalRateLimiter>> _limiters = new();
    private readonly TimeProvider _time = time;

    /// <summary>The limiter of a key: the one in use when it has this configuration, or a new one.</summary>
    public LocalRateLimiter Get(in RateLimitKey key, LocalRateLimit limit)
    {
        while (true)
        {
            var known = _limiters.TryGetValue(key, out var reference);
            if (known && reference!.TryGetTarget(out var limiter) && limiter.Limit == limit)
            {
                return limiter;
            }

            limiter = new LocalRateLimiter(limit, _time);
            var fresh = new WeakReference<LocalRateLimiter>(limiter);
            if (known ? _limiters.TryUpdate(key, fresh, reference!) : _limiters.TryAdd(key, fresh))
            {
                return limiter;
            }
        }
    }

    /// <summary>Forgets the keys of limiters that are gone.</summary>
    public void Prune()
    {
        foreach (var (key, reference) in _limiters)
        {
            if (!reference.TryGetTarget(out _))
            {
                _limiters.TryRemove(new(key, reference));
            }
        }
    }
}
