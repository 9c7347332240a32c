using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Gateway.Requests;
using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>A local rate limit in force at one place: its configuration and its buckets.</summary>
/// <remarks>
/// Envoy source/extensions/filters/http/local_ratelimit/local_ratelimit.cc,
/// source/extensions/filters/common/local_ratelimit/local_ratelimit_impl.cc
/// </remarks>
internal sealed class LocalRateLimiter
{
    private const int Million = 1_000_000;

    private readonly RequestBucket? _bucket;
    private readonly DescriptorBuckets? _descriptors;
    private readonly bool _refusesAll;
    private readonly int _enabled;
    private readonly int _enforced;
    private readonly LocalReply _refusal;
    private long _requests;
    private long _limited;
    private long _refused;

    /// <summary>Makes the limiter with full buckets.</summary>
    /// <param name="limit">The configuration; its buckets, if any, have valid intervals.</param>
    /// <param name="time">The clock.</param>
    public LocalRateLimiter(LocalRateLimit limit, TimeProvider time)
    {
        Limit = limit;
        _refusesAll = limit.TokenBucket is { MaxTokens: 0 };
        _bucket = limit.TokenBucket is { MaxTokens: > 0 } bucket ? new RequestBucket(bucket, time) : null;
        _descriptors = limit.Descriptors.IsEmpty ? null : new DescriptorBuckets(limit, time);
        _enabled = Share(limit.EnabledPercent);
        _enforced = Share(limit.EnforcedPercent);
        _refusal = new LocalReply(limit.Status, "local_rate_limited", ResponseFlags.RL, "local_rate_limited")
        {
            Headers = Headers(limit.ResponseHeadersToAdd),
            Grpc = limit.IsResourceExhausted ? GrpcStatus.ResourceExhausted : null,
        };
    }

    /// <summary>The configuration.</summary>
    public LocalRateLimit Limit { get; }

    /// <summary>The tokens in the bucket for all; null when there is none.</summary>
    public uint? RemainingTokens => _bucket?.RemainingTokens ?? (_refusesAll ? 0 : null);

    /// <summary>What has been counted, by the names of Envoy's statistics <c>enabled</c>, <c>rate_limited</c> and <c>enforced</c>.</summary>
    /// <remarks>https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter#statistics</remarks>
    public (long Enabled, long RateLimited, long Enforced) Counts =>
        (Interlocked.Read(ref _requests), Interlocked.Read(ref _limited), Interlocked.Read(ref _refused));

    /// <summary>Counts a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="rules">The rules for its descriptors.</param>
    /// <param name="random">Draws whether the limit is enabled, and whether it is enforced, for this request.</param>
    /// <returns>The refusal, or null.</returns>
    public LocalReply? Evaluate(PolicyContext context, DescriptorRules rules, Random random)
    {
        if (!Draw(_enabled, random))
        {
            return null;
        }

        Interlocked.Increment(ref _requests);
        var (isAllowed, bucket) = Take(context, rules);
        if (Limit.HasRateLimitHeaders && bucket is not null)
        {
            context.ShowRateLimit(bucket);
        }

        if (isAllowed)
        {
            return null;
        }

        Interlocked.Increment(ref _limited);
        if (Draw(_enforced, random))
        {
            Interlocked.Increment(ref _refused);
            return _refusal;
        }

        AddRequestHeaders(context.Request.Headers);
        return null;
    }

    /// <summary>
    /// Takes a token of each bucket of the request's descriptors, the slowest first, and one of the bucket for all; a bucket that is empty
    /// ends it. What was taken until then is gone.
    /// </summary>
    private (bool IsAllowed, RequestBucket? Shown) Take(PolicyContext context, DescriptorRules rules)
    {
        var matched = context.RateLimitBuckets;
        matched.Clear();
        if (_descriptors is not null)
        {
            Match(context, rules, matched);
        }

        foreach (var bucket in matched)
        {
            if (!bucket.TryTake())
            {
                return (false, bucket);
            }
        }

        var first = matched.Count > 0 ? matched[0] : null;
        if (first is not null && !Limit.AlwaysConsumesDefaultTokenBucket)
        {
            return (true, first);
        }

        if (_refusesAll || _bucket?.TryTake() == false)
        {
            return (false, _bucket);
        }

        return (true, first ?? _bucket);
    }

    private void Match(PolicyContext context, DescriptorRules rules, List<RequestBucket> matched)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules.Describe(i, context.Request, context.DescriptorEntries)
                && _descriptors!.Find(CollectionsMarshal.AsSpan(context.DescriptorEntries)) is { } bucket)
            {
                var place = 0;
                while (place < matched.Count && matched[place].TokensPerSecond <= bucket.TokensPerSecond)
                {
                    place++;
                }

                matched.Insert(place, bucket);
            }
        }
    }

    private void AddRequestHeaders(IHeaderDictionary headers)
    {
        foreach (var header in Limit.RequestHeadersToAddWhenNotEnforced)
        {
            if (header.Append)
            {
                headers.Append(header.Name, header.Value);
            }
            else
            {
                headers[header.Name] = header.Value;
            }
        }
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
