namespace Gateway.Requests;

/// <summary>Tells the requests of the CORS protocol apart (https://fetch.spec.whatwg.org/#http-cors-protocol).</summary>
internal static class CorsRequest
{
    /// <summary>Whether a browser asks if it may send the real request.</summary>
    public static bool IsPreflight(RequestHead request) =>
        request.Method == "OPTIONS" && request.Headers.Origin is [{ Length: > 0 }, ..]
        && request.Headers.AccessControlRequestMethod is [{ Length: > 0 }, ..];
}
