using Gateway.Forwarding;
using Gateway.Http1;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Proxy;

/// <summary>
/// Interim responses of an HTTP/1.1 upstream, 103 Early Hints among them: Istio lets Envoy pass on the first of a request, of those that
/// Envoy knows, and others end here.
/// </summary>
/// <remarks>
/// envoyproxy/envoy source/common/http/header_utility.cc, isSpecial1xx, and source/common/router/router.cc, onUpstream1xxHeaders;
/// istio/istio pilot/pkg/networking/core/gateway.go and listener.go, Proxy_100Continue. The server has no interface for interim responses:
/// in HTTP/1.1 they are written to the connection, which is silent as long as the response has not begun; in HTTP/2 only the server
/// itself may write there.
/// </remarks>
internal static class InterimResponse
{
    /// <summary>Whether Envoy passes a status on.</summary>
    public static bool IsPassed(int status) => status is 100 or 102 or 103;

    /// <summary>The bytes that the client gets; null when they cannot be sent to it, or the server sends them itself.</summary>
    /// <param name="request">The request.</param>
    /// <param name="head">The interim response.</param>
    public static byte[]? Bytes(ProxyRequest request, ResponseHead head)
    {
        // A client that expects 100 Continue gets it from the server, at the moment when the body is read.
        if (!HttpProtocol.IsHttp11(request.Received.Protocol) || request.Head.Headers.Expect.Count > 0)
        {
            return null;
        }

        var writer = new HeadWriter();
        writer.Append(head.Status switch
        {
            100 => "HTTP/1.1 100 Continue\r\n",
            102 => "HTTP/1.1 102 Processing\r\n",
            _ => "HTTP/1.1 103 Early Hints\r\n",
        });
        foreach (var line in head.Shown)
        {
            writer.AppendHeader(line.Name, line.Value);
        }

        writer.Append("\r\n"u8);
        return writer.Written.ToArray();
    }

    /// <summary>Sends the bytes to the client.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public static async ValueTask SendAsync(HttpContext context, byte[] bytes)
    {
        if (context.Features is RequestFeatures plain)
        {
            await plain.Writer.SendInterimAsync(bytes);
            return;
        }

        if (context.Features.Get<IConnectionTransportFeature>() is not { } connection)
        {
            // A mirror's copy has no client.
            return;
        }

        try
        {
            await connection.Transport.Output.WriteAsync(bytes);
        }
        catch (InvalidOperationException exception)
        {
            throw new OperationCanceledException("The client has gone.", exception);
        }
    }
}
