using System.Globalization;
using System.Net;
using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>Injected aborts and delays.</summary>
internal static class FaultRules
{
    // https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
    private static readonly string[] GrpcStatuses =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    public static void Check(Place at, HTTPFaultInjection fault)
    {
        if (fault.Abort is null && fault.Delay is null)
        {
            at.Reject("The fault is empty; add abort or delay.");
        }

        if (fault.Abort is { } abort)
        {
            CheckAbort(at["abort"], abort);
        }

        if (fault.Delay is { } delay)
        {
            CheckDelay(at["delay"], delay);
        }
    }

    private static void CheckAbort(Place at, Abort abort)
    {
        SharedRules.CheckPercentage(at["percentage"]["value"], abort.Percentage?.Value);
        if (abort.HttpStatus is not null && abort.GrpcStatus is not null)
        {
            at["grpcStatus"].Reject("httpStatus and grpcStatus exclude each other; keep one of the two.");
        }

        if (abort.Http2Error is not null)
        {
            at["http2Error"].Reject("http2Error is not supported; use httpStatus or grpcStatus.");
        }

        if (abort.HttpStatus is { } status)
        {
            HttpRouteRules.CheckStatus(at["httpStatus"], status);
        }

        if (abort.GrpcStatus is { } grpc && !GrpcStatuses.Contains(grpc))
        {
            at["grpcStatus"].Reject($"\"{grpc}\" is not a gRPC status; use one such as UNAVAILABLE or NOT_FOUND.");
        }

        if (abort.HttpStatus is null && abort.GrpcStatus is null && abort.Http2Error is null)
        {
            at.Warn("The abort has no status, so nothing is aborted; add httpStatus or grpcStatus.");
        }
    }

    private static void CheckDelay(Place at, Delay delay)
    {
        SharedRules.CheckPercentage(at["percentage"]["value"], delay.Percentage?.Value);
        SharedRules.CheckDuration(at["fixedDelay"], delay.FixedDelay);
        if (delay.ExponentialDelay is not null)
        {
            at["exponentialDelay"].Reject("exponentialDelay is not supported; use fixedDelay.");
        }

        if (delay.Percent is > 0)
        {
            at["percent"].Report(AnalysisCodes.Deprecated, $"percent is deprecated; use percentage: {{value: {delay.Percent}}}.");
        }
    }
}

/// <summary>Retries of an HTTP route.</summary>
internal static class RetryRules
{
    // https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
    // and #x-envoy-retry-grpc-on
    private static readonly string[] Conditions =
    [
        "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "envoy-ratelimited", "retriable-4xx", "refused-stream",
        "retriable-status-codes", "retriable-headers", "http3-post-connect-failure",
        "cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
    ];

    // https://www.iana.org/assignments/http-status-codes; .NET's enumeration lacks 418 and 425.
    private static readonly int[] OtherStatuses = [418, 425];

    public static void Check(Place at, HTTPRetry retries)
    {
        if (retries.Attempts < 0)
        {
            at["attempts"].Reject($"{retries.Attempts} is not a number of retries; write 0 to switch them off, or more.");
        }

        if ((retries.Attempts ?? 0) == 0
            && (retries.PerTryTimeout is not null || !string.IsNullOrEmpty(retries.RetryOn) || retries.RetryRemoteLocalities is not null))
        {
            at["attempts"].Reject(
                "attempts is 0 or absent, which switches retries off, but other settings of retries are given; set attempts, or remove "
                + "them.");
        }

        SharedRules.CheckDuration(at["perTryTimeout"], retries.PerTryTimeout);
        SharedRules.CheckDuration(at["backoff"], retries.Backoff);
        if (string.IsNullOrEmpty(retries.RetryOn))
        {
            return;
        }

        foreach (var condition in retries.RetryOn.Split(','))
        {
            if (!Conditions.Contains(condition) && !IsStatus(condition))
            {
                at["retryOn"].Reject(condition.Trim() != condition && (Conditions.Contains(condition.Trim()) || IsStatus(condition.Trim()))
                    ? $"\"{condition}\" has spaces around it; separate the conditions by commas only."
                    : $"\"{condition}\" is not a retry condition; use a status code, or one of {string.Join(", ", Conditions)}.");
            }
        }
    }

    private static bool IsStatus(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var status)
        && (Enum.IsDefined((HttpStatusCode)status) || OtherStatuses.Contains(status));
}

/// <summary>Cross-origin rules of an HTTP route.</summary>
internal static class CorsRules
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"];

    public static void Check(Place at, CorsPolicy policy)
    {
        for (var i = 0; i < policy.AllowOrigins.Count; i++)
        {
            CheckOrigin(at["allowOrigins"][i], policy.AllowOrigins[i]);
        }

        for (var i = 0; i < policy.AllowMethods.Count; i++)
        {
            if (!Methods.Contains(policy.AllowMethods[i]))
            {
                at["allowMethods"][i].Reject($"\"{policy.AllowMethods[i]}\" is not a method; use {string.Join(", ", Methods)}.");
            }
        }

        CheckNames(at["allowHeaders"], policy.AllowHeaders);
        CheckNames(at["exposeHeaders"], policy.ExposeHeaders);
        SharedRules.CheckDuration(at["maxAge"], policy.MaxAge);
        if (policy.MaxAge?.Value is { } age && age.Ticks % TimeSpan.TicksPerSecond != 0 && age >= TimeSpan.FromMilliseconds(1))
        {
            at["maxAge"].Reject($"\"{policy.MaxAge}\" has fractions of a second; maxAge counts whole seconds.");
        }
    }

    private static void CheckOrigin(Place at, StringMatch origin)
    {
        if (string.IsNullOrEmpty(origin.Exact ?? origin.Prefix ?? origin.Regex))
        {
            at.Reject("The origin is empty; write exact, prefix or regex with a value.");
        }
        else
        {
            HttpMatchRules.CheckString(at, origin);
        }
    }

    private static void CheckNames(Place at, EquatableArray<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            at[i].Reject(HttpHeaders.CheckCorsName(names[i]));
        }
    }
}
