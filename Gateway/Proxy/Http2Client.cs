using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Gateway.Clusters;

namespace Gateway.Proxy;

/// <summary>The HTTP/2 connections to the hosts of one cluster: without TLS by prior knowledge, with TLS by ALPN.</summary>
/// <remarks>
/// TLS is spoken below the client, which would otherwise send the request's authority as server name. So <c>:scheme</c> is http, as Envoy
/// sends it for a request that came without TLS (source/common/router/router.cc, setUpstreamScheme).
/// </remarks>
internal class Http2Client : IDisposable
{
    private readonly Cluster _cluster;
    private readonly SocketsHttpHandler _handler;
    private int _users = 1;

    /// <summary>Makes a client.</summary>
    public Http2Client(Cluster cluster)
    {
        _cluster = cluster;
        var settings = cluster.Settings.Connections;
        _handler = new SocketsHttpHandler
        {
            ConnectTimeout = settings.ConnectTimeout,
            PooledConnectionIdleTimeout = settings.IdleTimeout ?? Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = settings.MaxConnectionDuration ?? Timeout.InfiniteTimeSpan,
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            MaxResponseHeadersLength = 60,
            ConnectCallback = new Connector(this).ConnectAsync,
        };
        if (settings.Http2Keepalive is { } keepalive)
        {
            _handler.KeepAlivePingDelay = keepalive.Interval?.Value ?? Timeout.InfiniteTimeSpan;
            _handler.KeepAlivePingTimeout = keepalive.Timeout?.Value ?? TimeSpan.FromSeconds(20);
        }

        Invoker = new HttpMessageInvoker(_handler, disposeHandler: false);
    }

    /// <summary>The client.</summary>
    public HttpMessageInvoker Invoker { get; }

    /// <summary>Keeps the client for a request, which may end after the client was retired.</summary>
    public void Enter() => Interlocked.Increment(ref _users);

    /// <summary>Ends a request.</summary>
    public virtual void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Dispose();
        }
    }

    /// <summary>The cluster is gone: connections close with the last request.</summary>
    public virtual void Retire() => Leave();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes all connections.</summary>
    protected virtual void Dispose(bool disposing)
    {
        Invoker.Dispose();
        _handler.Dispose();
    }

    /// <summary>Counts a connection that is about to be made. HTTP/2 needs few, and one always: the limit does not refuse them here.</summary>
    protected virtual void OnConnecting() => _cluster.Limits.Connections.Enter();

    /// <summary>A connection has ended, or could not be made.</summary>
    protected virtual void OnDisconnected() => _cluster.Limits.Connections.Leave();

    private sealed class Connector(Http2Client client)
    {
        private readonly Func<SslClientAuthenticationOptions>? _tls = client._cluster.Settings.Tls is { } tls
            ? ClusterConnections.Tls(client._cluster, tls, SslApplicationProtocol.Http2) : null;

        public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            client.OnConnecting();
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                var stream = new CountedStream(socket, client);
                return _tls is null ? stream : await HandshakeAsync(stream, _tls(), cancellationToken);
            }
            catch
            {
                client.OnDisconnected();
                socket.Dispose();
                throw;
            }
        }

        private static async ValueTask<Stream> HandshakeAsync(
            Stream stream, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
            return tls;
        }
    }

    /// <summary>Counts a connection until it ends.</summary>
    private sealed class CountedStream(Socket socket, Http2Client client) : NetworkStream(socket, ownsSocket: true)
    {
        private int _ended;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing && Interlocked.Exchange(ref _ended, 1) == 0)
            {
                client.OnDisconnected();
            }
        }
    }
}
