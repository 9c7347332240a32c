using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Forwarding;

/// <summary>The headers ingress-nginx sends to an endpoint: the client's, and its own, which replace what the client sent under their names.</summary>
/// <remarks>kubernetes/ingress-nginx, rootfs/etc/nginx/template/nginx.tmpl.</remarks>
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
        RequestId, RealIp, ForwardedFor, ForwardedHost, ForwardedPort, ForwardedProto, ForwardedScheme, Scheme, OriginalForwardedFor,
        OriginalForwardedHost, "Proxy", HeaderNames.Host, HeaderNames.Connection, HeaderNames.ContentLength, HeaderNames.TransferEncoding,
        HeaderNames.TE, HeaderNames.KeepAlive, HeaderNames.Expect, HeaderNames.Upgrade,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Writes them.</summary>
    public static void Copy(HttpContext context, HttpRequestMessage destination)
    {
        var source = context.Request.Headers;
        var host = source.Host.ToString();
        var scheme = context.Request.Scheme;
        var address = ClientAddress(context.Connection.RemoteIpAddress);
        var headers = destination.Headers;
        headers.Host = host.Length > 0 ? host : null;
        headers.TryAddWithoutValidation(RequestId, RequestIdOf(source));
        headers.TryAddWithoutValidation(RealIp, address);
        headers.TryAddWithoutValidation(ForwardedFor, address);
        if (host.Length > 0)
        {
            headers.TryAddWithoutValidation(ForwardedHost, host);
        }

        headers.TryAddWithoutValidation(ForwardedPort, context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture));
        headers.TryAddWithoutValidation(ForwardedProto, scheme);
        headers.TryAddWithoutValidation(ForwardedScheme, scheme);
        headers.TryAddWithoutValidation(Scheme, scheme);
        AddOriginal(destination, OriginalForwardedFor, source[ForwardedFor]);
        AddOriginal(destination, OriginalForwardedHost, source[ForwardedHost]);
        foreach (var (name, values) in source)
        {
            // underscores_in_headers is off. A pseudo-header belongs to HTTP/2.
            if (!Own.Contains(name) && !name.Contains('_') && name[0] != ':')
            {
                ContentHeader.Add(destination, name, values);
            }
        }

        InjectTrace(destination);
    }

    /// <summary>The client's id, or 32 random hexadecimal digits as nginx's $request_id.</summary>
    private static string RequestIdOf(IHeaderDictionary source) =>
        source[RequestId] is { Count: > 0 } id && !string.IsNullOrEmpty(id) ? id.ToString() : Guid.NewGuid().ToString("N");

    private static string ClientAddress(IPAddress? address) =>
        address is null ? "" : address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : address.ToString();

    private static void AddOriginal(HttpRequestMessage destination, string name, StringValues values)
    {
        if (!StringValues.IsNullOrEmpty(values))
        {
            destination.Headers.TryAddWithoutValidation(name, values.Count == 1 ? values.ToString() : string.Join(", ", values.ToArray()));
        }
    }

    /// <summary>With tracing on, the endpoint's span becomes a child of this request's; else the client's trace context has been copied.</summary>
    private static void InjectTrace(HttpRequestMessage destination)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            DistributedContextPropagator.Current.Inject(activity, destination, static (carrier, name, value) =>
            {
                var headers = ((HttpRequestMessage)carrier!).Headers;
                headers.Remove(name);
                headers.TryAddWithoutValidation(name, value);
            });
        }
    }

    /// <summary>Adds a header as YARP does, also one about the content of a request that has none, such as a Content-Type with GET.</summary>
    private sealed class ContentHeader : RequestTransform
    {
        public static void Add(HttpRequestMessage destination, string name, StringValues values)
        {
            if (values.Count != 1 || !destination.Headers.TryAddWithoutValidation(name, values.ToString()))
            {
                AddHeader(new RequestTransformContext { ProxyRequest = destination }, name, values);
            }
        }

        public override ValueTask ApplyAsync(RequestTransformContext context) => throw new NotSupportedException();
    }
}
