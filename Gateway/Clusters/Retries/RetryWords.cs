namespace Gateway.Clusters.Retries;

/// <summary>
/// The words of <c>retryOn</c>, <c>x-envoy-retry-on</c> and <c>x-envoy-retry-grpc-on</c>; case counts, as it does in Envoy.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/router/retry_state_impl.cc, parseRetryOn and parseRetryGrpcOn.</remarks>
internal static class RetryWords
{
    /// <summary>What a word says; nothing for an unknown one.</summary>
    public static RetryConditions Parse(ReadOnlySpan<char> word) => ParseHttp(word) | ParseGrpc(word);

    /// <summary>What a list of words separated by commas says.</summary>
    /// <param name="text">The list.</param>
    /// <param name="grpc">Whether the words of x-envoy-retry-grpc-on are meant, not those of x-envoy-retry-on.</param>
    public static RetryConditions ParseList(ReadOnlySpan<char> text, bool grpc)
    {
        var conditions = RetryConditions.None;
        foreach (var range in text.Split(','))
        {
            var word = text[range].Trim();
            conditions |= grpc ? ParseGrpc(word) : ParseHttp(word);
        }

        return conditions;
    }

    private static RetryConditions ParseHttp(ReadOnlySpan<char> word) => word switch
    {
        "5xx" => RetryConditions.Status5xx,
        "gateway-error" => RetryConditions.GatewayError,
        "connect-failure" => RetryConditions.ConnectFailure,
        "envoy-ratelimited" => RetryConditions.EnvoyRateLimited,
        "retriable-4xx" => RetryConditions.Retriable4xx,
        "refused-stream" => RetryConditions.RefusedStream,
        "retriable-status-codes" => RetryConditions.RetriableStatusCodes,
        "retriable-headers" => RetryConditions.RetriableHeaders,
        "reset" => RetryConditions.Reset,
        "reset-before-request" => RetryConditions.ResetBeforeRequest,
        "http3-post-connect-failure" => RetryConditions.Http3PostConnectFailure,
        _ => RetryConditions.None,
    };

    private static RetryConditions ParseGrpc(ReadOnlySpan<char> word) => word switch
    {
        "cancelled" => RetryConditions.GrpcCancelled,
        "deadline-exceeded" => RetryConditions.GrpcDeadlineExceeded,
        "resource-exhausted" => RetryConditions.GrpcResourceExhausted,
        "unavailable" => RetryConditions.GrpcUnavailable,
        "internal" => RetryConditions.GrpcInternal,
        _ => RetryConditions.None,
    };
}
