using System.Collections.Immutable;
using Gateway.Requests;
using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>A local rate limit in force at one place: its configuration and its bucket.</summary>
/// <remarks>Envoy source/extensions/filters/http/local_ratelimit/local_ratelimit.cc</remarks>
internal sealed class LocalRateLimiter
{
    private const int Million = 1_000_000;

    private readonly RequestBucket? _bucket;
    private readonly bool _refusesAll;
    private readonly int _enabled;
    private readonly int _enforced;
    private readonly LocalReply _refusal;

    /// <summary>Makes the limiter with a full bucket.</summary>
    /// <param name="limit">The configuration; its bucket, if any, has a valid interval.</param>
    /// <param name="time">The clock.</param>
    public LocalRateLimiter(LocalRateLimit limit, TimeProvider time)
    {
        Limit = limit;
        _refusesAll = limit.TokenBucket is { MaxTokens: 0 };
        _bucket = limit.TokenBucket is { MaxTokens: > 0 } bucket ? new RequestBucket(bucket, time) : null;
        _enabled = Share(limit.EnabledPercent);
        _enforced = Share(limit.EnforcedPercent);
        _refusal = new LocalReply(limit.Status, "local_rate_limited", ResponseFlags.RL, "local_rate_limited")
        {
            Headers = Headers(limit.ResponseHeadersToAdd),
        };
    }

    /// <summary>The configuration.</summary>
    public LocalRateLimit Limit { get; }

    /// <summary>Counts a request.</summary>
    /// <param name="random">Draws whether the limit is enabled, and whether it is enforced, for this request.</param>
    /// <returns>The refusal, or null.</returns>
    public LocalReply? Evaluate(Random random)
    {
        if (!Draw(_enabled, random))
        {
            return null;
        }

        var isAllowed = !_refusesAll && (_bucket is null || _bucket.TryTake());
        return isAllowed || !Draw(_enforced, random) ? null : _refusal;
    }

    private static bool Draw(int share, Random random) => share > 0 && (share >= Million || random.Next(Million) < share);

    private static int Share(double percent) => (int)Math.Round(Math.Clamp(percent, 0, 100) * (Million / 100));

    private static ImmutableArray<KeyValuePair<string, string>> Headers(IEnumerable<RateLimitHeader> headers)
    {
        var result = new List<KeyValuePair<string, string>>();
        foreach (var header in headers)
        {
            if (!header.Append)
            {
                result.RemoveAll(other => other.Key.Equals(header.Name, StringComparison.OrdinalIgnoreCase));
            }

            result.Add(new(header.Name, header.Value));
        }

        return [.. result];
    }
}
