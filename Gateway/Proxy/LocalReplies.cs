using System.Globalization;
using System.Text;
using Gateway.Requests;

namespace Gateway.Proxy;

/// <summary>The answers of the proxy itself, and how they are sent.</summary>
/// <remarks>envoyproxy/envoy source/common/http/utility.cc, sendLocalReply, and source/common/router/router.cc.</remarks>
internal static class LocalReplies
{
    /// <summary>HTTP/1.0 is not spoken (PILOT_HTTP10 is off in Istio).</summary>
    public static LocalReply LowVersion { get; } = new(426, "", ResponseFlags.DPE, "low_version");

    /// <summary>A path that cannot be normalised.</summary>
    public static LocalReply PathNormalization { get; } = new(400, "", ResponseFlags.None, "path_normalization_failed");

    /// <summary>A target that is no path.</summary>
    public static LocalReply NoPath { get; } = new(404, "", ResponseFlags.None, "missing_path_rejected");

    /// <summary>An upgrade to something other than a WebSocket.</summary>
    public static LocalReply Upgrade { get; } = new(403, "", ResponseFlags.None, "upgrade_failed");

    /// <summary>No Gateway has a server for the listener, or its headers are more than Envoy takes.</summary>
    public static LocalReply NoRoute { get; } = new(404, "", ResponseFlags.NR, "route_not_found");

    /// <summary>More than 100 headers.</summary>
    public static LocalReply HeadersTooMany { get; } = new(431, "", ResponseFlags.DPE, "http1.too_many_headers");

    /// <summary>The Connection header names what it may not, or too much.</summary>
    public static LocalReply ConnectionHeader { get; } = new(400, "", ResponseFlags.DPE, "http1.connection_header_rejected");

    /// <summary>The client's body cannot be read.</summary>
    public static LocalReply BadBody { get; } = new(400, "", ResponseFlags.DPE, "http1.codec_error");

    /// <summary>No host may be used.</summary>
    public static LocalReply NoHealthyUpstream { get; } = new(503, "no healthy upstream", ResponseFlags.UH, "no_healthy_upstream");

    /// <summary>The route's timeout has run out.</summary>
    public static LocalReply RequestTimeout { get; } = new(504, "upstream request timeout", ResponseFlags.UT, "response_timeout");

    /// <summary>The attempt's timeout has run out, and there is no other attempt.</summary>
    public static LocalReply AttemptTimeout { get; } = new(504, "upstream request timeout", ResponseFlags.UT, "upstream_per_try_timeout");

    /// <summary>The gateway itself has failed.</summary>
    public static LocalReply InternalError { get; } = new(500, "", ResponseFlags.None, "internal_error");

    /// <summary>The destination is no known cluster.</summary>
    public static LocalReply NoCluster(int status) => new(status, "", ResponseFlags.NC, "cluster_not_found");

    /// <summary>An attempt ended without a response, and there is no other.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="isRetry">Whether it was not the first attempt.</param>
    public static LocalReply Reset(in AttemptResult result, bool isRetry)
    {
        var transport = result.Transport.Length == 0 ? "" : $", transport failure reason: {result.Transport}";
        var details = result.Transport.Length == 0 ? result.Text : $"{result.Text},{result.Transport}";
        return new LocalReply(
            result.Reset == ResetReason.ProtocolError ? 502 : 503,
            $"upstream connect error or disconnect/reset before headers. {(isRetry ? "retried and the latest " : "")}reset reason: "
                + $"{result.Text}{transport}",
            result.Flag,
            $"upstream_reset_before_response_started{{{details.Replace(' ', '_')}}}")
        {
            Headers = result.Reset == ResetReason.Overflow ? [new("x-envoy-overloaded", "true")] : [],
        };
    }

    /// <summary>Sends an answer of this proxy. What its route changes in responses is changed in it too.</summary>
    /// <remarks>envoyproxy/envoy source/common/http/filter_manager.cc, sendLocalReplyViaFilterChain.</remarks>
    public static ValueTask WriteAsync(ProxyRequest request, LocalReply reply)
    {
        if (!reply.IsOfFilter && request.Match.Route is { Forward: not null } route)
        {
            route.FinishResponse(request.Response.Headers, request.Head, request.Match.Cluster);
        }

        return WriteAsync(request, reply, () => Finish(request));
    }

    /// <summary>Sends an answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="finish">What else is done to the headers.</param>
    public static async ValueTask WriteAsync(ProxyRequest request, LocalReply reply, Action finish)
    {
        var response = request.Context.Response;
        response.StatusCode = reply.Status;
        foreach (var (name, _) in reply.Headers)
        {
            response.Headers.Remove(name);
        }

        foreach (var (name, value) in reply.Headers)
        {
            response.Headers.Append(name, value);
        }

        request.Flags |= reply.Flags;
        request.Details = reply.Details;
        if (request.IsGrpc)
        {
            WriteGrpc(request, response, reply);
            finish();
            return;
        }

        var body = reply.Content ?? Encoding.UTF8.GetBytes(reply.Body);
        if (body.Length > 0 && response.Headers.ContentType.Count == 0)
        {
            response.ContentType = "text/plain";
        }

        finish();
        await WriteBodyAsync(request, body);
    }

    /// <summary>Sends a body, unless the request is a HEAD.</summary>
    public static async ValueTask WriteBodyAsync(ProxyRequest request, ReadOnlyMemory<byte> body)
    {
        var response = request.Context.Response;
        var hasBody = response.StatusCode is not (204 or 304) and >= 200;
        if (hasBody)
        {
            response.ContentLength = body.Length;
        }

        if (hasBody && body.Length > 0 && !HttpMethods.IsHead(request.Received.Method))
        {
            request.BytesSent = body.Length;
            await response.Body.WriteAsync(body, request.Aborted);
        }
    }

    /// <summary>What every response carries, whoever wrote it.</summary>
    /// <remarks>envoyproxy/envoy source/common/http/conn_manager_impl.cc, encodeHeaders.</remarks>
    public static void Finish(ProxyRequest request)
    {
        var response = request.Response;
        request.Policies.AddResponseHeaders(response.Headers);
        response.Headers.Server = request.Chain.ServerName;
        if (HttpProtocol.IsHttp11(request.Received.Protocol) && response.StatusCode != StatusCodes.Status101SwitchingProtocols
            && !request.IsReceived)
        {
            // Nobody waits for the rest of the request, so it would be in the way of the next one.
            response.Headers.Connection = "close";
        }
    }

    /// <summary>A gRPC client gets its own kind of status, in a response that ends with its head.</summary>
    private static void WriteGrpc(ProxyRequest request, HttpResponse response, LocalReply reply)
    {
        var status = reply.Grpc ?? GrpcStatus.FromHttp(reply.Status);
        request.GrpcStatus = status;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = status.ToString(CultureInfo.InvariantCulture);
        if (reply.Body.Length > 0)
        {
            response.Headers["grpc-message"] = PercentEncode(reply.Body);
        }
    }

    /// <summary>gRPC's encoding of messages: printable ASCII stays, and the percent sign does not.</summary>
    /// <remarks>https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Percent-Encoded.</remarks>
    private static string PercentEncode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (value is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
            {
                encoded.Append((char)value);
            }
            else
            {
                encoded.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }
}
