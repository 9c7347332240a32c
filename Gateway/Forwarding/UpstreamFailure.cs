using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>Why a try failed, in nginx's terms.</summary>
/// <param name="Status">502 or 504.</param>
/// <param name="Reason">A few words for the log.</param>
/// <param name="IsErrorOrTimeout">Whether <c>proxy_next_upstream error timeout</c> covers it; an invalid response is neither.</param>
/// <param name="WasSent">Whether the endpoint may have seen the request.</param>
internal readonly record struct UpstreamFailure(int Status, string Reason, bool IsErrorOrTimeout, bool WasSent)
{
    /// <summary>Classifies what the forwarder reports.</summary>
    public static UpstreamFailure Of(ForwarderError error, Exception? exception)
    {
        if (error == ForwarderError.RequestTimedOut)
        {
            // SocketsHttpHandler reports its ConnectTimeout with a TimeoutException inside.
            var connecting = exception?.InnerException is TimeoutException;
            return new UpstreamFailure(
                StatusCodes.Status504GatewayTimeout, connecting ? "connecting timed out" : "no answer in time", true, WasSent: !connecting);
        }

        return (exception as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.ConnectionError => Failed("refused the connection", wasSent: false),
            HttpRequestError.NameResolutionError => Failed("its name cannot be resolved", wasSent: false),
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded =>
                new UpstreamFailure(StatusCodes.Status502BadGateway, "no valid HTTP response", IsErrorOrTimeout: false, WasSent: true),
            _ => error == ForwarderError.Request
                ? Failed("closed the connection before it answered", wasSent: true)
                : new UpstreamFailure(StatusCodes.Status502BadGateway, $"{error}", IsErrorOrTimeout: false, WasSent: true),
        };
    }

    /// <summary>Whether the next endpoint may be tried: never with a non-idempotent method once sent, as nginx has it.</summary>
    public bool MayTryNext(string method) => IsErrorOrTimeout && !(WasSent && method is "POST" or "LOCK" or "PATCH");

    private static UpstreamFailure Failed(string reason, bool wasSent) =>
        new(StatusCodes.Status502BadGateway, reason, IsErrorOrTimeout: true, wasSent);
}
