using System.Net;
using Gateway.Clusters.Retries;
using Gateway.Forwarding;
using Gateway.Http1;
using Gateway.Requests;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Proxy;

/// <summary>
/// What Envoy's HTTP connection manager does to a request before any rule looks at it: takes its target apart, refuses what it refuses,
/// and writes the headers by which proxies know each other.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/http/conn_manager_impl.cc, decodeHeaders, and conn_manager_utility.cc.</remarks>
internal static class RequestPreparation
{
    private const int MaxHeaders = 100;
    private const string ForwardedFor = "x-forwarded-for";
    private const string ForwardedProto = "x-forwarded-proto";
    private const string ForwardedClientCertificate = "x-forwarded-client-cert";
    private const string ExternalAddress = "x-envoy-external-address";
    private const string RequestId = "x-request-id";

    /// <summary>What the names in <see cref="OfTheEdge"/>, in <see cref="Internal"/> and of <see cref="RetryHeaders"/> begin with.</summary>
    private const string OfEnvoy = "x-envoy-";

    /// <summary>What a client outside the mesh cannot say.</summary>
    private static readonly string[] OfTheEdge =
        ["x-envoy-decorator-operation", "x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node", "x-envoy-original-path"];

    /// <summary>What no client can say, unless its address is known as internal, which Istio does not configure.</summary>
    private static readonly string[] Internal =
    [
        "x-envoy-internal", "x-envoy-upstream-alt-stat-name", "x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-timeout-alt-response",
        "x-envoy-expected-rq-timeout-ms", "x-envoy-force-trace", "x-envoy-ip-tags", "x-envoy-original-url",
    ];

    /// <summary>Prepares a request.</summary>
    /// <returns>The answer to a request that is refused; null for one that goes on.</returns>
    public static LocalReply? Prepare(ProxyRequest request)
    {
        var received = request.Received;
        if (HttpProtocol.IsHttp10(received.Protocol))
        {
            return LocalReplies.LowVersion;
        }

        if (received.Headers.Count > MaxHeaders)
        {
            return LocalReplies.HeadersTooMany;
        }

        if (received.Headers is { TransferEncoding.Count: > 0 } headers && headers.ContainsKey("X-Content-Length"))
        {
            // Both lengths: the server has moved the one it does not trust out of the way. Envoy refuses such a request.
            return LocalReplies.BadBody;
        }

        if (received.Headers is { Connection.Count: > 0, Upgrade.Count: 0 } && !NominatedHeaders.TryRemove(received.Headers))
        {
            return LocalReplies.ConnectionHeader;
        }

        if (TakeTarget(request) is { } refusal)
        {
            return refusal;
        }

        TakeUpgrade(request);
        Write(request);
        return null;
    }

    /// <summary>Refuses an upgrade to anything but a WebSocket: Istio lets nothing else pass.</summary>
    /// <returns>The answer; null for a request that goes on.</returns>
    public static LocalReply? CheckUpgrade(ProxyRequest request) =>
        request.Upgrade is null || string.Equals(request.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase)
            ? null
            : LocalReplies.Upgrade;

    /// <summary>Takes the target apart: a path, or an absolute URI, whose authority goes before the Host header.</summary>
    private static LocalReply? TakeTarget(ProxyRequest request)
    {
        var received = request.Received;
        var target = received.RawTarget;
        var authority = received.Headers.Host.ToString();
        if (!target.StartsWith('/'))
        {
            var path = AbsoluteTarget.Split(target, ref authority);
            if (path is null)
            {
                return LocalReplies.NoPath;
            }

            target = path;
        }

        if (!request.Chain.Normalization.TryNormalize(target, out var normalized, out var query))
        {
            return LocalReplies.PathNormalization;
        }

        request.TakeHead(received.Scheme, authority, normalized, query);
        return null;
    }

    /// <summary>The upgrade to HTTP/2 is ignored, as RFC 9110, section 7.8, allows.</summary>
    private static void TakeUpgrade(ProxyRequest request)
    {
        var protocol = request.Context.IsUpgradable()
            ? request.Head.Headers.Upgrade.ToString()
            : "";
        if (protocol.Length > 0 && !string.Equals(protocol, "h2c", StringComparison.OrdinalIgnoreCase))
        {
            request.Upgrade = protocol;
        }
    }

    private static void Write(ProxyRequest request)
    {
        var (headers, isEdge) = (request.Head.Headers, request.Chain.IsEdge);
        if (HasHeadersOfEnvoy(headers))
        {
            RemoveHeadersOfEnvoy(headers, isEdge);
        }

        if (headers.Referer.Count > 0 && !IsReferer(headers.Referer))
        {
            headers.Remove(HeaderNames.Referer);
        }

        if (isEdge)
        {
            WriteEdge(request, headers);
        }
        else
        {
            BelieveForwarded(request, headers);
        }

        if (isEdge || headers[RequestId].Count == 0)
        {
            // Envoy does not believe an id from outside either (preserve_external_request_id is off).
            headers[RequestId] = NewId(request.Random);
        }
    }

    /// <summary>Whether there is anything to take away. Hardly ever is there, and looking once costs less than twenty removals.</summary>
    private static bool HasHeadersOfEnvoy(IHeaderDictionary headers)
    {
        foreach (var (name, _, _) in HeaderLines.Of(headers))
        {
            if (name.StartsWith(OfEnvoy, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static void RemoveHeadersOfEnvoy(IHeaderDictionary headers, bool isEdge)
    {
        Remove(headers, Internal);
        RetryHeaders.Remove(headers);
        if (isEdge)
        {
            Remove(headers, OfTheEdge);
        }
    }

    /// <summary>
    /// A random UUID (RFC 9562, version 4). It names a request and guards nothing, so it does not ask the kernel for random bytes as
    /// <see cref="Guid.NewGuid"/> does.
    /// </summary>
    private static string NewId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    /// <summary>At a gateway the connection's peer is the client.</summary>
    private static void WriteEdge(ProxyRequest request, IHeaderDictionary headers)
    {
        var client = AddressTexts.Of(request.Head.SourceAddress);
        var forwarded = headers[ForwardedFor];
        headers[ForwardedFor] = StringValues.IsNullOrEmpty(forwarded) ? client : $"{forwarded},{client}";
        headers[ForwardedProto] = request.Head.Scheme;
        headers[ExternalAddress] = client;
        if (request.Context.ClientCertificate() is { } certificate)
        {
            headers[ForwardedClientCertificate] = ForwardedCertificate.Describe(certificate);
        }
        else
        {
            headers.Remove(ForwardedClientCertificate);
        }
    }

    /// <summary>A sidecar takes the last address of X-Forwarded-For for the client of its own application's call.</summary>
    private static void BelieveForwarded(ProxyRequest request, IHeaderDictionary headers)
    {
        if (headers[ForwardedFor] is [.., { } forwarded])
        {
            var last = forwarded.AsSpan(forwarded.LastIndexOf(',') + 1).Trim();
            if (IPAddress.TryParse(last, out var address))
            {
                request.Head.RemoteAddress = address;
            }
        }

        if (headers[ForwardedProto].Count == 0)
        {
            headers[ForwardedProto] = request.Head.Scheme;
        }

        headers.Remove(ForwardedClientCertificate);
    }

    private static void Remove(IHeaderDictionary headers, string[] names)
    {
        foreach (var name in names)
        {
            headers.Remove(name);
        }
    }

    /// <summary>Whether a Referer is one absolute URI; Envoy drops every other.</summary>
    private static bool IsReferer(StringValues values)
    {
        var text = values.Count == 1 ? values.ToString() : "";
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 && scheme + 3 < text.Length && text[scheme + 3] is not ('/' or '?' or '#');
    }
}
