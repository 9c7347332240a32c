namespace Istio.Networking;

/// <summary>
/// Conditions under which an attempt is repeated. A status code as text is one too.
/// Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
/// </summary>
public static class RetryOn
{
    /// <summary>Any 5xx answer, and no answer at all: disconnect, reset, timeout of the attempt.</summary>
    public const string Status5xx = "5xx";

    /// <summary>Answers 502, 503 and 504.</summary>
    public const string GatewayError = "gateway-error";

    /// <summary>The connection ended before an answer: disconnect, reset, timeout of the attempt.</summary>
    public const string Reset = "reset";

    /// <summary>As reset, but only before the request was sent.</summary>
    public const string ResetBeforeRequest = "reset-before-request";

    /// <summary>No connection could be made.</summary>
    public const string ConnectFailure = "connect-failure";

    /// <summary>The answer says that it comes from Envoy's rate limiting.</summary>
    public const string EnvoyRateLimited = "envoy-ratelimited";

    /// <summary>Answer 409.</summary>
    public const string Retriable4xx = "retriable-4xx";

    /// <summary>The stream was reset with REFUSED_STREAM, so the request was not processed.</summary>
    public const string RefusedStream = "refused-stream";

    /// <summary>The status codes that are listed besides the conditions.</summary>
    public const string RetriableStatusCodes = "retriable-status-codes";

    /// <summary>Answers that carry one of the configured headers.</summary>
    public const string RetriableHeaders = "retriable-headers";

    /// <summary>An HTTP/3 request that failed after the connection was made.</summary>
    public const string Http3PostConnectFailure = "http3-post-connect-failure";

    /// <summary>gRPC status CANCELLED.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>gRPC status DEADLINE_EXCEEDED.</summary>
    public const string DeadlineExceeded = "deadline-exceeded";

    /// <summary>gRPC status INTERNAL.</summary>
    public const string Internal = "internal";

    /// <summary>gRPC status RESOURCE_EXHAUSTED.</summary>
    public const string ResourceExhausted = "resource-exhausted";

    /// <summary>gRPC status UNAVAILABLE.</summary>
    public const string Unavailable = "unavailable";
}
