using System.Net;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>The one HTTP client towards all endpoints, with ingress-nginx's default limits.</summary>
/// <remarks>kubernetes/ingress-nginx, internal/ingress/controller/config/config.go.</remarks>
internal sealed class UpstreamClient : IDisposable
{
    /// <summary>HTTP/1.1 to endpoints; 60 s between two reads or writes (proxy_read_timeout, proxy_send_timeout).</summary>
    public static readonly ForwarderRequestConfig Config = new()
    {
        ActivityTimeout = TimeSpan.FromSeconds(60),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>Makes the client.</summary>
    public UpstreamClient() => Invoker = new HttpMessageInvoker(
        new SocketsHttpHandler
        {
            // proxy_connect_timeout, upstream-keepalive-timeout, upstream-keepalive-time.
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            PooledConnectionLifetime = TimeSpan.FromHours(1),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            // The transformer passes trace context on; a client span of its own would only double the server's.
            ActivityHeadersPropagator = null,
            // Headers arrive and leave as bytes.
            RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
        },
        disposeHandler: true);

    /// <summary>The client.</summary>
    public HttpMessageInvoker Invoker { get; }

    public void Dispose() => Invoker.Dispose();
}
