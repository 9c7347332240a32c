using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using Gateway.Http1;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Forwarding;

/// <summary>The headers ingress-nginx sends: its own, which replace what the client sent under their names, and the client's.</summary>
/// <remarks>kubernetes/ingress-nginx, rootfs/etc/nginx/template/nginx.tmpl, with the controller's default configuration.</remarks>
internal static class RequestHeaders
{
    private const string RequestId = "X-Request-ID";
    private const string RealIp = "X-Real-IP";
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string ForwardedPort = "X-Forwarded-Port";
    private const string ForwardedProto = "X-Forwarded-Proto";
    private const string ForwardedScheme = "X-Forwarded-Scheme";
    private const string Scheme = "X-Scheme";
    private const string OriginalForwardedFor = "X-Original-Forwarded-For";
    private const string OriginalForwardedHost = "X-Original-Forwarded-Host";

    /// <summary>What is not copied: ingress-nginx's own headers, and what the two connections say to their own ends.</summary>
    private static readonly FrozenSet<string> Own = new[]
    {
        HeaderNames.Host, RequestId, RealIp, ForwardedFor, ForwardedHost, ForwardedPort, ForwardedProto, ForwardedScheme, Scheme,
        OriginalForwardedFor, OriginalForwardedHost, HeaderNames.TraceParent, HeaderNames.TraceState, "Proxy", HeaderNames.Connection,
        HeaderNames.ContentLength, HeaderNames.TransferEncoding, HeaderNames.TE, HeaderNames.KeepAlive, HeaderNames.Expect,
        HeaderNames.Upgrade,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static string _port = "80";

    /// <summary>Takes headers one by one.</summary>
    internal interface ISink
    {
        /// <summary>Takes a header.</summary>
        void Add(string name, string value);

        /// <summary>Takes a header whose value is bytes in lower-case hexadecimal.</summary>
        void AddHex(string name, ReadOnlySpan<byte> value);
    }

    /// <summary>Gives the headers to a sink, without those that frame the body.</summary>
    public static void Write<TSink>(in RequestSource request, ref TSink sink)
        where TSink : struct, ISink
    {
        var headers = request.Headers;

        // $http_host, else $host, which without any host is the server's name.
        var host = headers.Host.Count > 0 ? headers.Host.ToString() : "_";
        var scheme = request.Scheme;
        var address = AddressTexts.Of(request.Address);
        sink.Add(HeaderNames.Host, host);
        AddRequestId(headers[RequestId], ref sink);
        sink.Add(RealIp, address);
        sink.Add(ForwardedFor, address);
        sink.Add(ForwardedHost, host);
        sink.Add(ForwardedPort, PortText(request.Port));
        sink.Add(ForwardedProto, scheme);
        sink.Add(ForwardedScheme, scheme);
        sink.Add(Scheme, scheme);
        AddJoined(OriginalForwardedFor, headers[ForwardedFor], ref sink);
        AddJoined(OriginalForwardedHost, headers[ForwardedHost], ref sink);
        AddTrace(headers, ref sink);
        foreach (var (name, values, _) in HeaderLines.Of(headers))
        {
            // underscores_in_headers is off. A pseudo-header belongs to HTTP/2.
            if (!Own.Contains(name) && !name.Contains('_') && name[0] != ':')
            {
                AddClients(name, values, ref sink);
            }
        }
    }

    private static void AddClients<TSink>(string name, StringValues values, ref TSink sink)
        where TSink : struct, ISink
    {
        if (values.Count > 1 && string.Equals(name, HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase))
        {
            // HTTP/2 may split cookies into several lines, HTTP/1.1 may not (RFC 9113, section 8.2.3).
            sink.Add(name, string.Join("; ", values.ToArray()));
            return;
        }

        for (var i = 0; i < values.Count; i++)
        {
            sink.Add(name, values[i] ?? "");
        }
    }

    /// <summary>The client's id, or 32 random hexadecimal digits as nginx's $request_id.</summary>
    private static void AddRequestId<TSink>(StringValues id, ref TSink sink)
        where TSink : struct, ISink
    {
        if (!StringValues.IsNullOrEmpty(id))
        {
            sink.Add(RequestId, id.ToString());
            return;
        }

        Span<byte> random = stackalloc byte[16];
        Random.Shared.NextBytes(random);
        sink.AddHex(RequestId, random);
    }

    /// <summary>An $http_ variable: all values in one; nothing is sent when it is empty.</summary>
    private static void AddJoined<TSink>(string name, StringValues values, ref TSink sink)
        where TSink : struct, ISink
    {
        if (!StringValues.IsNullOrEmpty(values))
        {
            sink.Add(name, values.Count == 1 ? values.ToString() : string.Join(", ", values.ToArray()));
        }
    }

    /// <summary>With tracing on, the endpoint's span is a child of this request's; else the client's trace context goes on.</summary>
    private static void AddTrace<TSink>(IHeaderDictionary headers, ref TSink sink)
        where TSink : struct, ISink
    {
        var (parent, state) = (headers.TraceParent, headers.TraceState);
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            (parent, state) = (activity.Id, activity.TraceStateString);
        }

        AddClients(HeaderNames.TraceParent, parent, ref sink);
        AddClients(HeaderNames.TraceState, state, ref sink);
    }

    /// <summary>The text of a port. There is one port, or few: the last text is remembered.</summary>
    private static string PortText(int port)
    {
        var text = Volatile.Read(ref _port);
        if (int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) != port)
        {
            text = port.ToString(CultureInfo.InvariantCulture);
            Volatile.Write(ref _port, text);
        }

        return text;
    }
}
