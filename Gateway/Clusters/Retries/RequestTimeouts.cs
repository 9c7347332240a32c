using System.Globalization;

namespace Gateway.Clusters.Retries;

/// <summary>The times that a request has: in all, and for each attempt. Null means as long as it takes.</summary>
/// <remarks>
/// Envoy starts the first when the whole request was received, and the second when an attempt has a connection as well.
/// Source: envoyproxy/envoy source/common/router/router.cc, FilterUtility::finalTimeout and setTimeoutHeaders.
/// </remarks>
/// <param name="Total">From the end of the request to the response's head, all attempts and back-offs together.</param>
/// <param name="PerTry">For each attempt; never as long as the total.</param>
internal readonly record struct RequestTimeouts(TimeSpan? Total, TimeSpan? PerTry)
{
    /// <summary>Tells the upstream how many milliseconds it has.</summary>
    public const string ExpectedHeader = "x-envoy-expected-rq-timeout-ms";

    private const string TotalHeader = "x-envoy-upstream-rq-timeout-ms";
    private const string PerTryHeader = "x-envoy-upstream-rq-per-try-timeout-ms";

    /// <summary>The times of a route.</summary>
    public static RequestTimeouts Of(TimeSpan? routeTimeout, RetryPolicy policy) => Create(routeTimeout, policy.PerTryTimeout);

    /// <summary>
    /// The times of a route, where the request's own headers may change them: a sidecar's. Takes these headers away, and belongs before
    /// <see cref="RetryState"/> takes its own.
    /// </summary>
    public static RequestTimeouts Of(TimeSpan? routeTimeout, RetryPolicy policy, IHeaderDictionary headers)
    {
        var total = Read(headers, TotalHeader) ?? routeTimeout;
        var perTry = Read(headers, PerTryHeader) ?? policy.PerTryTimeout;
        Remove(headers);
        return Create(total, perTry);
    }

    /// <summary>Takes the headers away unread: a gateway's.</summary>
    public static void Remove(IHeaderDictionary headers)
    {
        headers.Remove(TotalHeader);
        headers.Remove(PerTryHeader);
    }

    /// <summary>The value of <see cref="ExpectedHeader"/> for an attempt; 0 for no header.</summary>
    /// <param name="elapsed">How much of the total is over.</param>
    public long ExpectedMilliseconds(TimeSpan elapsed)
    {
        var rest = Total - elapsed;
        var expected = PerTry is null || rest < PerTry ? rest : PerTry;
        return expected is null ? 0 : Math.Max(1, (long)expected.Value.TotalMilliseconds);
    }

    // Zero is for ever, as in Envoy.
    private static RequestTimeouts Create(TimeSpan? total, TimeSpan? perTry)
    {
        total = total is { Ticks: > 0 } ? total : null;
        return new RequestTimeouts(total, perTry is { Ticks: > 0 } && !(perTry >= total) ? perTry : null);
    }

    private static TimeSpan? Read(IHeaderDictionary headers, string name) =>
        ulong.TryParse(headers[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, uint.MaxValue))
            : null;
}
