namespace Gateway.Clusters.Retries;

/// <summary>When an attempt is repeated: the words of <c>retryOn</c> and <c>x-envoy-retry-on</c>.</summary>
/// <remarks>
/// https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on and, for gRPC,
/// #x-envoy-retry-grpc-on. Istio takes both sets of words in one list.
/// </remarks>
[Flags]
internal enum RetryConditions
{
    /// <summary>Never.</summary>
    None = 0,

    /// <summary>5xx: any 5xx response, and no response at all.</summary>
    Status5xx = 1,

    /// <summary>gateway-error: 502, 503, 504, and no response at all.</summary>
    GatewayError = 1 << 1,

    /// <summary>connect-failure.</summary>
    ConnectFailure = 1 << 2,

    /// <summary>retriable-4xx: 409.</summary>
    Retriable4xx = 1 << 3,

    /// <summary>refused-stream.</summary>
    RefusedStream = 1 << 4,

    /// <summary>retriable-status-codes.</summary>
    RetriableStatusCodes = 1 << 5,

    /// <summary>reset.</summary>
    Reset = 1 << 6,

    /// <summary>reset-before-request.</summary>
    ResetBeforeRequest = 1 << 7,

    /// <summary>envoy-ratelimited.</summary>
    EnvoyRateLimited = 1 << 8,

    /// <summary>retriable-headers: accepted, but Istio's resources cannot name the headers.</summary>
    RetriableHeaders = 1 << 9,

    /// <summary>http3-post-connect-failure: accepted; upstreams are never reached by HTTP/3 here.</summary>
    Http3PostConnectFailure = 1 << 10,

    /// <summary>gRPC status 1.</summary>
    GrpcCancelled = 1 << 11,

    /// <summary>gRPC status 4.</summary>
    GrpcDeadlineExceeded = 1 << 12,

    /// <summary>gRPC status 8.</summary>
    GrpcResourceExhausted = 1 << 13,

    /// <summary>gRPC status 13.</summary>
    GrpcInternal = 1 << 14,

    /// <summary>gRPC status 14.</summary>
    GrpcUnavailable = 1 << 15,
}
