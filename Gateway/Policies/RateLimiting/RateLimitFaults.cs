using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>What in a local rate limit Envoy rejects, or the gateway does not execute.</summary>
internal static class RateLimitFaults
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>The first fault; null when there is none.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="isRoute">Whether it is for virtual hosts or routes.</param>
    public static string? Find(LocalRateLimit limit, bool isRoute)
    {
        if (limit.TokenBucket is { MaxTokens: > 0 } bucket && OfInterval(bucket) is { } fault)
        {
            return fault;
        }

        if (isRoute && limit.TokenBucket is null)
        {
            return "a limit of a route needs a token_bucket";
        }

        if (limit.ResponseHeadersToAdd.Concat(limit.RequestHeadersToAddWhenNotEnforced)
            .Any(header => header.Value.Contains('%', StringComparison.Ordinal)))
        {
            return "a header to add has a command (%...%), which the gateway does not execute";
        }

        if (!limit.Others.IsEmpty)
        {
            return $"the gateway does not execute {string.Join(", ", limit.Others)} of a local rate limit";
        }

        return OfDescriptors(limit) ?? OfRules(limit);
    }

    private static string? OfInterval(TokenBucket bucket) => bucket.FillInterval.Value >= ShortestInterval
        ? null
        : $"fill_interval is \"{bucket.FillInterval.Text}\"; Envoy asks for at least 50ms";

    private static string? OfDescriptors(LocalRateLimit limit)
    {
        foreach (var descriptor in limit.Descriptors)
        {
            if (descriptor.Entries.IsEmpty || descriptor.TokenBucket.MaxTokens == 0)
            {
                return "a descriptor needs entries and a token_bucket with max_tokens";
            }

            if (OfInterval(descriptor.TokenBucket) is { } fault)
            {
                return fault;
            }
        }

        return limit.Descriptors.GroupBy(descriptor => descriptor.Entries).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? $"Envoy rejects two descriptors with the same entries ({string.Join(", ", twice.Key.Select(entry => entry.Key))})"
            : null;
    }

    private static string? OfRules(LocalRateLimit limit) =>
        limit.RateLimits.Any(rule => rule.Stage != 0 || rule.DisableKey.Length > 0)
            ? "Envoy rejects stage and disable_key in the rate_limits of the filter itself"
            : DescriptorRules.FaultOf(limit.RateLimits);
}
