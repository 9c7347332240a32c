using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// A rate limit that each proxy keeps for itself, so that N replicas let N times as much through.
/// Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/local_ratelimit/v3/local_rate_limit.proto
/// </summary>
public sealed record LocalRateLimit
{
    /// <summary>Name of the Envoy filter.</summary>
    public const string FilterName = "envoy.filters.http.local_ratelimit";

    /// <summary>Type of the filter's configuration.</summary>
    public const string TypeUrl = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";

    /// <summary>Prefix of the filter's metrics; Envoy requires it.</summary>
    public string StatPrefix { get; init; } = "http_local_rate_limiter";

    /// <summary>The bucket; absent means no limit at this place, only at routes with one of their own.</summary>
    public TokenBucket? TokenBucket { get; init; }

    /// <summary>
    /// Share of requests that are counted, in percent. Envoy's default is 0; the value here is 100 unless read otherwise.
    /// </summary>
    public double EnabledPercent { get; init; } = 100;

    /// <summary>Share of counted requests that are refused when the bucket is empty, in percent. Envoy's default is 0.</summary>
    public double EnforcedPercent { get; init; } = 100;

    /// <summary>Status code of a refusal; default 429. Envoy replaces a code below 400 by 429.</summary>
    public int Status { get; init; } = 429;

    /// <summary>Headers that a refusal carries.</summary>
    public EquatableArray<RateLimitHeader> ResponseHeadersToAdd { get; init; }

    /// <summary>Headers for a request that is over the limit and sent on all the same.</summary>
    public EquatableArray<RateLimitHeader> RequestHeadersToAddWhenNotEnforced { get; init; }

    /// <summary>Buckets for some requests, beside the one for all.</summary>
    public EquatableArray<RateLimitDescriptor> Descriptors { get; init; }

    /// <summary>How requests get descriptors. Without, the <c>rate_limits</c> of the route say it.</summary>
    public EquatableArray<RateLimitRule> RateLimits { get; init; }

    /// <summary>How many values an entry for any value has buckets for; the least recently used goes. Default 20.</summary>
    public int MaxDynamicDescriptors { get; init; } = 20;

    /// <summary>Whether a request with a bucket of its own takes a token of the bucket for all, too. Default true.</summary>
    public bool AlwaysConsumesDefaultTokenBucket { get; init; } = true;

    /// <summary>Whether responses have the headers <c>x-ratelimit-limit</c>, <c>-remaining</c> and <c>-reset</c>.</summary>
    public bool HasRateLimitHeaders { get; init; }

    /// <summary>Whether a refused gRPC call gets RESOURCE_EXHAUSTED and not UNAVAILABLE.</summary>
    public bool IsResourceExhausted { get; init; }

    /// <summary>When <c>rate_limits</c> of the virtual host count: OVERRIDE (when the route has none), INCLUDE, IGNORE.</summary>
    public string VirtualHostRateLimits { get; init; } = "OVERRIDE";

    /// <summary>The stage whose <c>rate_limits</c> of routes count.</summary>
    public int Stage { get; init; }

    /// <summary>Names of the members that this model does not have.</summary>
    public EquatableArray<string> Others { get; init; }
}

/// <summary>A bucket that starts full; each request takes a token.</summary>
/// <param name="MaxTokens">Most tokens, the burst that is let through.</param>
/// <param name="TokensPerFill">Tokens added at each interval; Envoy's default is 1.</param>
/// <param name="FillInterval">Time between fills, at least 50 ms.</param>
public sealed record TokenBucket(uint MaxTokens, uint TokensPerFill, Duration FillInterval);

/// <summary>A header of a refusal.</summary>
/// <param name="Name">Name.</param>
/// <param name="Value">Value.</param>
/// <param name="Append">Whether the value is appended to a header that is there, rather than replacing it.</param>
public sealed record RateLimitHeader(string Name, string Value, bool Append = false);

/// <summary>A local rate limit found in an EnvoyFilter, and where it applies.</summary>
/// <param name="PatchIndex">Index of the patch in <c>spec.configPatches</c>, from 0.</param>
/// <param name="Patch">The patch.</param>
/// <param name="Limit">The limit.</param>
public sealed record LocalRateLimitPatch(int PatchIndex, EnvoyConfigObjectPatch Patch, LocalRateLimit Limit)
{
    /// <summary>
    /// True when the limit is for a virtual host or a route (typed_per_filter_config), false when for all requests of the proxy.
    /// </summary>
    public bool IsPerRoute => Patch.ApplyTo is PatchTarget.VirtualHost or PatchTarget.HttpRoute;
}
