using System.Net;
using System.Text;
using Gateway.Ingress;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>The HTTP client with which YARP opens WebSockets at endpoints.</summary>
internal sealed class UpgradeClient : IDisposable
{
    /// <summary>Makes the client.</summary>
    public UpgradeClient()
    {
        var options = NginxConnections.Options;
        Config = new ForwarderRequestConfig
        {
            ActivityTimeout = options.Activity,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Invoker = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                ConnectTimeout = options.Connect,
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                // The headers pass the trace context on; a client span of its own would only double the server's.
                ActivityHeadersPropagator = null,
                // Headers arrive and leave as bytes.
                RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
                ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            },
            disposeHandler: true);
    }

    /// <summary>HTTP/1.1 to endpoints, as ingress-nginx without a backend-protocol annotation.</summary>
    public ForwarderRequestConfig Config { get; }

    /// <summary>The client.</summary>
    public HttpMessageInvoker Invoker { get; }

    public void Dispose() => Invoker.Dispose();
}
