using System.Collections.Immutable;
using System.Globalization;
using Istio.Networking;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Clusters.Retries;

/// <summary>When and how often a route's attempts are repeated.</summary>
/// <param name="Conditions">When.</param>
/// <param name="Attempts">How often, at most, after the first attempt.</param>
/// <remarks>istio/istio pilot/pkg/networking/core/route/retry/retry.go, ConvertPolicy.</remarks>
internal sealed record RetryPolicy(RetryConditions Conditions, int Attempts)
{
    private const RetryConditions DefaultConditions =
        RetryConditions.ConnectFailure | RetryConditions.RefusedStream | RetryConditions.GrpcUnavailable | RetryConditions.GrpcCancelled
        | RetryConditions.RetriableStatusCodes;

    /// <summary>
    /// What Istio does without any rule: 2 retries when nothing has reached the application. An answer 503 is not repeated.
    /// </summary>
    public static RetryPolicy Default { get; } = new(DefaultConditions, 2);

    /// <summary>Never; not even when the request's own headers ask for it.</summary>
    public static RetryPolicy None { get; } = new(RetryConditions.None, 0);

    /// <summary>The codes of <see cref="RetryConditions.RetriableStatusCodes"/>.</summary>
    public ImmutableArray<int> StatusCodes { get; init; } = [];

    /// <summary>Time for each attempt; null for the route's timeout.</summary>
    public TimeSpan? PerTryTimeout { get; init; }

    /// <summary>The back-off's first bound, in whole milliseconds, at least 1.</summary>
    public long BackoffMilliseconds { get; init; } = 25;

    /// <summary>The back-off's last bound: ten times the first.</summary>
    public long MaxBackoffMilliseconds => BackoffMilliseconds * 10;

    /// <summary>
    /// Whether a retry avoids the hosts tried before; null for Istio's default: yes, unless the route's only destination uses
    /// consistent hashing.
    /// </summary>
    public bool? IgnorePreviousHosts { get; init; }

    /// <summary>How often a host that was tried is drawn again.</summary>
    public int HostReselections { get; init; } = 5;

    /// <summary>Reads the policy of a route.</summary>
    /// <param name="retry">The route's <c>retries</c>; null for Istio's default.</param>
    public static RetryPolicy Compile(HTTPRetry? retry)
    {
        if (retry is null)
        {
            return Default;
        }

        if (retry.Attempts is null or <= 0)
        {
            return None;
        }

        var (conditions, codes) = string.IsNullOrEmpty(retry.RetryOn) ? (DefaultConditions, []) : ParseRetryOn(retry.RetryOn);
        return new RetryPolicy(conditions, retry.Attempts.Value)
        {
            StatusCodes = codes,
            PerTryTimeout = retry.PerTryTimeout?.Value is { Ticks: > 0 } perTry ? perTry : null,
            IgnorePreviousHosts = retry.RetryIgnorePreviousHosts,
            BackoffMilliseconds = retry.Backoff?.Value is { } backoff ? Math.Max(1, (long)backoff.TotalMilliseconds) : 25,
        };
    }

    /// <summary>
    /// The time for one attempt; null when only the request's whole time counts, as it does when that is not longer. Envoy starts it when
    /// the attempt has a connection and the whole request was received.
    /// </summary>
    /// <remarks>envoyproxy/envoy source/common/router/router.cc, FilterUtility::finalTimeout.</remarks>
    /// <param name="total">The time for the request with all its attempts; null for ever.</param>
    public TimeSpan? PerTryTimeoutWithin(TimeSpan? total) => PerTryTimeout >= total ? null : PerTryTimeout;

    /// <summary>Policies are equal when all their values are.</summary>
    public bool Equals(RetryPolicy? other) =>
        other is not null && Conditions == other.Conditions && Attempts == other.Attempts && PerTryTimeout == other.PerTryTimeout
        && BackoffMilliseconds == other.BackoffMilliseconds && IgnorePreviousHosts == other.IgnorePreviousHosts
        && HostReselections == other.HostReselections && StatusCodes.AsSpan().SequenceEqual(other.StatusCodes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Conditions, Attempts, PerTryTimeout, BackoffMilliseconds);

    /// <summary>
    /// Reads <c>retryOn</c>: words, and status codes that Istio takes out of them. A word that Envoy does not know says nothing.
    /// </summary>
    private static (RetryConditions Conditions, ImmutableArray<int> Codes) ParseRetryOn(string text)
    {
        var conditions = RetryConditions.None;
        var codes = ImmutableArray.CreateBuilder<int>();
        foreach (var range in text.AsSpan().Split(','))
        {
            var word = text.AsSpan(range).Trim();
            if (int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code) && HasReasonPhrase(code))
            {
                codes.Add(code);
                conditions |= RetryConditions.RetriableStatusCodes;
            }
            else
            {
                conditions |= RetryWords.Parse(word);
            }
        }

        return (conditions, codes.ToImmutable());
    }

    // Istio takes a number for a status code when Go's net/http knows it.
    private static bool HasReasonPhrase(int code) => code == 425 || ReasonPhrases.GetReasonPhrase(code).Length > 0;
}
