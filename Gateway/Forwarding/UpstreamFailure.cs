using System.Net.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>How a try can fail before there is a response.</summary>
internal enum FailureKind
{
    /// <summary>No connection was established in time.</summary>
    ConnectTimeout,

    /// <summary>No connection could be made.</summary>
    Connect,

    /// <summary>The TLS handshake failed.</summary>
    Handshake,

    /// <summary>The endpoint did not answer, or did not take the request, in time.</summary>
    Timeout,

    /// <summary>The connection ended.</summary>
    Closed,

    /// <summary>What came is no HTTP response.</summary>
    Invalid,

    /// <summary>A circuit breaker's limit was reached; the endpoint was not asked.</summary>
    Overflow,
}

/// <summary>Why a try failed.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Status">nginx's status: 502 or 504.</param>
/// <param name="Reason">A few words for the log.</param>
/// <param name="IsErrorOrTimeout">Whether <c>proxy_next_upstream error timeout</c> covers it; an invalid response is neither.</param>
/// <param name="WasSent">Whether the endpoint may have seen the request.</param>
internal readonly record struct UpstreamFailure(FailureKind Kind, int Status, string Reason, bool IsErrorOrTimeout, bool WasSent)
{
    /// <summary>What connecting failed with.</summary>
    public SocketError Error { get; init; }

    /// <summary>The connection was not established in time.</summary>
    public static UpstreamFailure ConnectTimeout { get; } = new(
        FailureKind.ConnectTimeout, StatusCodes.Status504GatewayTimeout, "connecting timed out", IsErrorOrTimeout: true, WasSent: false);

    /// <summary>The endpoint did not answer, or did not take the request, in time.</summary>
    public static UpstreamFailure Timeout { get; } = new(
        FailureKind.Timeout, StatusCodes.Status504GatewayTimeout, "no answer in time", IsErrorOrTimeout: true, WasSent: true);

    /// <summary>The connection ended before the response's headers did.</summary>
    public static UpstreamFailure Closed { get; } = new(
        FailureKind.Closed, StatusCodes.Status502BadGateway, "the connection was closed before an answer", IsErrorOrTimeout: true, WasSent: true);

    /// <summary>No connection could be made.</summary>
    public static UpstreamFailure Connect(SocketError error) => new(
        FailureKind.Connect, StatusCodes.Status502BadGateway, $"cannot be reached: {error}", IsErrorOrTimeout: true, WasSent: false)
    {
        Error = error,
    };

    /// <summary>TLS could not be agreed on, or the endpoint's certificate is not what it must be.</summary>
    public static UpstreamFailure Handshake(string reason) => new(
        FailureKind.Handshake, StatusCodes.Status502BadGateway, $"no TLS: {reason}", IsErrorOrTimeout: true, WasSent: false);

    /// <summary>What came is no HTTP response.</summary>
    public static UpstreamFailure Invalid(string reason) => new(
        FailureKind.Invalid, StatusCodes.Status502BadGateway, reason, IsErrorOrTimeout: false, WasSent: true);

    /// <summary>A circuit breaker's limit was reached.</summary>
    public static UpstreamFailure Overflow { get; } = new(
        FailureKind.Overflow, StatusCodes.Status503ServiceUnavailable, "too many requests", IsErrorOrTimeout: false, WasSent: false);

    /// <summary>Classifies what YARP's forwarder reports.</summary>
    public static UpstreamFailure Of(ForwarderError error, Exception? exception) => error switch
    {
        // SocketsHttpHandler reports its ConnectTimeout with a TimeoutException inside.
        ForwarderError.RequestTimedOut => exception?.InnerException is TimeoutException ? ConnectTimeout : Timeout,
        ForwarderError.Request => (exception as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.ConnectionError =>
                Connect((exception.InnerException as SocketException)?.SocketErrorCode ?? SocketError.SocketError),
            HttpRequestError.NameResolutionError => Connect(SocketError.HostNotFound),
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => Invalid("no valid HTTP response"),
            _ => Closed,
        },
        _ => Invalid($"{error}"),
    };

    /// <summary>Whether the next endpoint may be tried: never with a non-idempotent method once sent, as nginx has it.</summary>
    public bool MayTryNext(string method) => IsErrorOrTimeout && !(WasSent && method is "POST" or "LOCK" or "PATCH");
}
