using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Gateway.Forwarding;

/// <summary>Opens one connection: TCP, the PROXY protocol's header and a TLS handshake where they are wanted, all within one time.</summary>
internal sealed class UpstreamConnector(EndPoint endpoint, ConnectionOptions options, TimeProvider time)
{
    /// <summary>Connects.</summary>
    /// <exception cref="UpstreamException">The endpoint cannot be reached.</exception>
    public async Task<UpstreamConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = endpoint is IPEndPoint
            ? new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(options.Connect, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var tls = await ConnectAsync(socket, linked.Token);
            return new UpstreamConnection(socket, tls, options, time);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new UpstreamException(UpstreamFailure.ConnectTimeout, exception);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new UpstreamException(UpstreamFailure.Connect(exception.SocketErrorCode), exception);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            socket.Dispose();
            throw new UpstreamException(UpstreamFailure.Handshake(exception.InnerException?.Message ?? exception.Message), exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<SslStream?> ConnectAsync(Socket socket, CancellationToken cancellationToken)
    {
        socket.NoDelay = true;
        KeepAlive(socket);
        await socket.ConnectAsync(endpoint, cancellationToken);
        if (options.ProxyProtocol is { } version)
        {
            var local = (IPEndPoint)socket.LocalEndPoint!;
            await socket.SendAsync(ProxyProtocolHeader.Write(version, local, (IPEndPoint)socket.RemoteEndPoint!), cancellationToken);
        }

        if (options.Tls is not { } tls)
        {
            return null;
        }

        var stream = new SslStream(new NetworkStream(socket));
        await stream.AuthenticateAsClientAsync(tls(), cancellationToken);
        return stream;
    }

    private void KeepAlive(Socket socket)
    {
        if (options.Keepalive is not { } keepalive)
        {
            return;
        }

        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        Set(SocketOptionName.TcpKeepAliveRetryCount, keepalive.Probes is { } probes ? (int)probes : null);
        Set(SocketOptionName.TcpKeepAliveTime, Seconds(keepalive.Time?.Value));
        Set(SocketOptionName.TcpKeepAliveInterval, Seconds(keepalive.Interval?.Value));

        void Set(SocketOptionName name, int? value)
        {
            if (value > 0)
            {
                socket.SetSocketOption(SocketOptionLevel.Tcp, name, value.Value);
            }
        }

        static int? Seconds(TimeSpan? time) => time is { } span ? (int)Math.Ceiling(span.TotalSeconds) : null;
    }
}
