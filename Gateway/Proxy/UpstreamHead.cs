using System.Collections.Frozen;
using System.Diagnostics;
using Gateway.Http1;
using Gateway.Requests;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Proxy;

/// <summary>Which headers of a request go to the upstream, for HTTP/1.1 and HTTP/2 alike.</summary>
/// <remarks>envoyproxy/envoy source/common/http/conn_manager_utility.cc, mutateRequestHeaders.</remarks>
internal static class UpstreamHead
{
    /// <summary>What belongs to the one connection, or is written apart.</summary>
    private static readonly FrozenSet<string> NotCopied = new[]
    {
        HeaderNames.Host, HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection, HeaderNames.TransferEncoding,
        HeaderNames.Upgrade, HeaderNames.ContentLength, HeaderNames.TE, HeaderNames.TraceParent, HeaderNames.TraceState, "HTTP2-Settings",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Writes a request's head in HTTP/1.1.</summary>
    /// <param name="request">The request as it arrives at the upstream.</param>
    /// <param name="framing">How its body ends.</param>
    /// <param name="writer">Takes the bytes.</param>
    public static void Write(RequestHead request, in RequestFraming framing, HeadWriter writer)
    {
        writer.Append(request.Method);
        writer.Append(" ");
        writer.Append(request.Path);
        writer.Append(request.Query);
        writer.Append(" HTTP/1.1\r\n");
        writer.AppendHeader("host", request.Authority);
        foreach (var (name, values, line) in HeaderLines.Of(request.Headers))
        {
            if (!IsCopied(name))
            {
                continue;
            }

            if (line is { LowerBytes: { IsEmpty: false } bytes })
            {
                writer.Append(bytes);
            }
            else
            {
                Write(name, values, writer);
            }
        }

        if (AcceptsTrailers(request.Headers))
        {
            writer.AppendHeader("te", "trailers");
        }

        WriteTrace(request.Headers, writer);
        WriteFraming(framing, writer);
        writer.Append("\r\n"u8);
    }

    /// <summary>Whether a header is passed on as it is.</summary>
    public static bool IsCopied(string name) => name[0] != ':' && !NotCopied.Contains(name);

    /// <summary>Whether the client takes trailers: of TE nothing else is passed on.</summary>
    public static bool AcceptsTrailers(IHeaderDictionary headers) =>
        headers.TE is [{ } te, ..] && te.Contains("trailers", StringComparison.OrdinalIgnoreCase);

    /// <summary>The trace context: of the gateway's own span when there is one, else the client's.</summary>
    public static (StringValues Parent, StringValues State) Trace(IHeaderDictionary headers) =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity
            ? (activity.Id, activity.TraceStateString)
            : (headers.TraceParent, headers.TraceState);

    private static void Write(string name, StringValues values, HeadWriter writer)
    {
        if (values.Count > 1 && string.Equals(name, HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase))
        {
            // HTTP/2 may split cookies into several lines, HTTP/1.1 may not (RFC 9113, section 8.2.3).
            writer.AppendHeader(name, string.Join("; ", values.ToArray()));
            return;
        }

        for (var i = 0; i < values.Count; i++)
        {
            writer.AppendHeader(name, values[i] ?? "");
        }
    }

    private static void WriteTrace(IHeaderDictionary headers, HeadWriter writer)
    {
        var (parent, state) = Trace(headers);
        Write(HeaderNames.TraceParent, parent, writer);
        Write(HeaderNames.TraceState, state, writer);
    }

    private static void WriteFraming(in RequestFraming framing, HeadWriter writer)
    {
        if (framing.Upgrade is { } protocol)
        {
            writer.AppendHeader("connection", "upgrade");
            writer.AppendHeader("upgrade", protocol);
        }
        else if (framing.Length is { } length)
        {
            writer.AppendHeader("content-length", length);
        }
        else if (framing.IsChunked)
        {
            writer.AppendHeader("transfer-encoding", "chunked");
        }
    }
}

/// <summary>How the body of a request to an HTTP/1.1 upstream ends.</summary>
/// <param name="Length">Its Content-Length; null when there is none.</param>
/// <param name="IsChunked">Whether it comes in chunks.</param>
/// <param name="Upgrade">The protocol that the connection is to change to; null for none.</param>
internal readonly record struct RequestFraming(string? Length, bool IsChunked, string? Upgrade)
{
    /// <summary>The framing of a request.</summary>
    public static RequestFraming Of(ProxyRequest request)
    {
        if (request.Upgrade is { } protocol)
        {
            return new(null, false, protocol);
        }

        var length = request.Head.Headers.ContentLength is { } ? request.Head.Headers[HeaderNames.ContentLength].ToString() : null;
        return new(length, length is null && request.Body.Exists, null);
    }
}
