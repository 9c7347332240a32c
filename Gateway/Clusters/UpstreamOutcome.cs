namespace Gateway.Clusters;

/// <summary>How an attempt ended.</summary>
internal enum OutcomeKind
{
    /// <summary>The upstream answered.</summary>
    Response,

    /// <summary>No connection could be made, within the connect timeout or at all (Envoy's ConnectionFailure).</summary>
    ConnectFailure,

    /// <summary>HTTP/2's REFUSED_STREAM: the upstream has not processed the request.</summary>
    Refused,

    /// <summary>The upstream reset the stream, or closed the connection before the answer.</summary>
    Reset,

    /// <summary>The time for one attempt ran out.</summary>
    PerTryTimeout,

    /// <summary>The route's timeout ran out; never retried.</summary>
    Timeout,

    /// <summary>A circuit breaker's limit was reached; never retried.</summary>
    Overflow,
}

/// <summary>How an attempt ended: what retries and outlier detection look at.</summary>
/// <param name="Kind">Which way.</param>
/// <param name="Status">The HTTP status of a response; 0 otherwise.</param>
/// <param name="GrpcStatus">The <c>grpc-status</c> in the response's head (not its trailers); null without one.</param>
/// <param name="RequestStarted">Whether bytes of the request were written to the upstream before the attempt ended.</param>
internal readonly record struct UpstreamOutcome(OutcomeKind Kind, int Status = 0, int? GrpcStatus = null, bool RequestStarted = true)
{
    /// <summary>No connection.</summary>
    public static UpstreamOutcome ConnectFailure => new(OutcomeKind.ConnectFailure, RequestStarted: false);

    /// <summary>REFUSED_STREAM.</summary>
    public static UpstreamOutcome Refused => new(OutcomeKind.Refused);

    /// <summary>The time for one attempt ran out.</summary>
    public static UpstreamOutcome PerTryTimeout => new(OutcomeKind.PerTryTimeout);

    /// <summary>The route's timeout ran out.</summary>
    public static UpstreamOutcome Timeout => new(OutcomeKind.Timeout);

    /// <summary>A limit was reached.</summary>
    public static UpstreamOutcome Overflow => new(OutcomeKind.Overflow, RequestStarted: false);

    /// <summary>An answer.</summary>
    public static UpstreamOutcome Response(int status, int? grpcStatus = null) => new(OutcomeKind.Response, status, grpcStatus);

    /// <summary>The stream or its connection ended before the answer.</summary>
    /// <param name="requestStarted">Whether bytes of the request were written.</param>
    public static UpstreamOutcome Reset(bool requestStarted = true) => new(OutcomeKind.Reset, RequestStarted: requestStarted);
}
