using System.Net;
using Gateway.Http1;

namespace Gateway.Forwarding;

/// <summary>What an endpoint is told of a request: of one that ASP.NET Core's server serves, or of a plain one.</summary>
/// <param name="Method">The method.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Scheme">http or https.</param>
/// <param name="Address">The client's address.</param>
/// <param name="Port">The port that the client came to.</param>
internal readonly record struct RequestSource(string Method, IHeaderDictionary Headers, string Scheme, IPAddress? Address, int Port)
{
    /// <summary>Of a request that ASP.NET Core's server serves.</summary>
    public static RequestSource Of(HttpContext context)
    {
        var (request, connection) = (context.Request, context.Connection);
        return new(request.Method, request.Headers, request.Scheme, connection.RemoteIpAddress, connection.LocalPort);
    }

    /// <summary>Of a plain request.</summary>
    public static RequestSource Of(RequestFeatures request) =>
        new(request.Method, request.RequestHeaders, request.Scheme, request.RemoteIpAddress, request.LocalPort);
}
