using System.Net.Sockets;
using Aspire.Hosting.Orchestration.Ports;

namespace Aspire.Hosting.Orchestration.Proxy;

/// <summary>
/// A layer-4 proxy: listens for one endpoint and gives each connection to the next ready replica in turn, as a NodePort Service does.
/// A replica that does not accept is passed over; with none left the connection is reset.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    // Loopback answers at once or not at all: this bounds what a frozen replica with a full backlog can cost.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket[] _listeners;
    private readonly ReadyReplicas _replicas;
    private readonly TimeProvider _time;
    private readonly Task _accepting;
    private readonly ConnectionSet _connections = new();

    /// <summary>Takes over listening sockets and starts to accept.</summary>
    public TcpProxy(Socket[] listeners, ReadyReplicas replicas, TimeProvider time)
    {
        _listeners = listeners;
        _replicas = replicas;
        _time = time;
        _accepting = Task.WhenAll(listeners.Select(AcceptAsync));
    }

    /// <summary>Connections that are open now.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Stops listening and resets the connections that are open.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        Array.ForEach(_listeners, listener => listener.Dispose());
        await _accepting;
        await _connections.WhenEmptyAsync();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        // Off the caller's thread, which is starting the application.
        await Task.Yield();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(_stopping.Token);
                _ = ServeAsync(client);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client went away while it was queued, or this process is out of descriptors: neither ends the service.
                await Task.Delay(TimeSpan.FromMilliseconds(10), _time, _stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var registration = _connections.Enter();
        try
        {
            client.NoDelay = true;
            if (await ConnectAsync() is { } replica)
            {
                await SocketTunnel.RunAsync(client, replica, _stopping.Token);
            }
            else
            {
                SocketTunnel.Reset(client);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            SocketTunnel.Reset(client);
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var ports = _replicas.Ports;
        var turn = _replicas.NextTurn();
        for (var i = 0u; i < ports.Length; i++)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            using var timer = _time.CreateTimer(
                static source => ((CancellationTokenSource)source!).Cancel(),
                timeout,
                ConnectTimeout,
                Timeout.InfiniteTimeSpan);
            try
            {
                return await Loopback.ConnectAsync(_replicas.Host, ports[(int)((turn + i) % (uint)ports.Length)], timeout.Token);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                _stopping.Token.ThrowIfCancellationRequested();
            }
        }

        return null;
    }
}
