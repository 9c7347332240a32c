using System.Globalization;
using Istio.Networking;

namespace Istio.Validation.Traps;

/// <summary>
/// Retries that do not do what they seem to say.
/// Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
/// </summary>
internal static class RetryTraps
{
    // Envoy: base interval 25 ms, doubled for each retry, at most ten times the base; the pause is random below that.
    private static readonly TimeSpan DefaultBackoff = TimeSpan.FromMilliseconds(25);
    private const int BackoffLimit = 10;

    // Conditions that cover a try without an answer.
    private static readonly string[] CoversFailure = ["5xx", "gateway-error", "connect-failure", "reset", "refused-stream"];
    private static readonly string[] CoversTimeout = ["5xx", "gateway-error", "reset"];

    public static void Check(Place at, HTTPRoute route)
    {
        if (route.Retries is not { Attempts: > 0 and var attempts } retries)
        {
            return;
        }

        var conditions = (retries.RetryOn ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (conditions.Length == 0)
        {
            at["retries"].Report(TrapCodes.RetryWithout5xx,
                "Without retryOn, answers with 5xx are not retried, only failed connections and gRPC's unavailable and cancelled; set "
                + "retryOn, such as 5xx.");
        }
        else
        {
            CheckStatusOnly(at["retries"]["retryOn"], conditions);
        }

        CheckTimeouts(at, route, retries, attempts, conditions);
    }

    private static void CheckStatusOnly(Place at, string[] conditions)
    {
        var statuses = conditions.Where(condition
            => int.TryParse(condition, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status >= 500).ToArray();
        if (statuses.Length > 0 && !conditions.Intersect(CoversFailure).Any())
        {
            at.Report(TrapCodes.StatusCodeOnly,
                $"{string.Join(", ", statuses)} means an answer with this status; a refused or reset connection has no answer and is not "
                + "retried; add connect-failure,refused-stream,reset.");
        }
    }

    private static void CheckTimeouts(Place at, HTTPRoute route, HTTPRetry retries, int attempts, string[] conditions)
    {
        if (retries.PerTryTimeout?.Value is not { Ticks: > 0 } perTry)
        {
            return;
        }

        var place = at["retries"]["perTryTimeout"];
        if (!conditions.Intersect(CoversTimeout).Any())
        {
            place.Report(TrapCodes.PerTryTimeoutNotRetried,
                $"A try that takes longer than {RouteTraps.Seconds(perTry)} fails with 504 and is not retried, because retryOn has none "
                + "of 5xx, gateway-error and reset; add one of them.");
        }

        if (route.Timeout?.Value is not { Ticks: > 0 } timeout)
        {
            return;
        }

        if (perTry >= timeout)
        {
            place.Report(TrapCodes.PerTryTimeoutIgnored,
                $"perTryTimeout ({RouteTraps.Seconds(perTry)}) is not below the route's timeout ({RouteTraps.Seconds(timeout)}) and is "
                + "ignored; "
                + $"for {attempts + 1} tries it must be below {RouteTraps.Seconds(timeout / (attempts + 1))}.");
            return;
        }

        CheckSum(place, attempts, perTry, timeout, retries.Backoff?.Value ?? DefaultBackoff);
    }

    private static void CheckSum(Place at, int attempts, TimeSpan perTry, TimeSpan timeout, TimeSpan backoff)
    {
        var (pauses, fitting) = (TimeSpan.Zero, 0);
        for (var i = 0; i <= attempts && pauses <= timeout; i++)
        {
            fitting = (perTry * (i + 1)) + pauses <= timeout ? i + 1 : fitting;
            pauses += i < attempts ? backoff * Math.Min(Math.Pow(2, i), BackoffLimit) : TimeSpan.Zero;
        }

        if (fitting < attempts + 1)
        {
            at.Report(TrapCodes.RetriesDoNotFit,
                $"{attempts + 1} tries of {RouteTraps.Seconds(perTry)} ({RouteTraps.Seconds(perTry * (attempts + 1))}) and pauses of up "
                + $"to {RouteTraps.Seconds(pauses)} do not fit the "
                + $"timeout of {RouteTraps.Seconds(timeout)}, in which {fitting} of them are sure to fit; raise timeout, or lower "
                + "attempts or perTryTimeout.");
        }
    }
}
