using Gateway.Clusters;
using Gateway.Clusters.Limits;
using Gateway.Forwarding;

namespace Gateway.Proxy;

/// <summary>
/// The HTTP/1.1 connections to one host of a cluster, within the cluster's circuit breakers. A request without a ready connection waits:
/// for a new one, or, where there may be no more, for the first that is free.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/conn_pool/conn_pool_base.cc.</remarks>
internal sealed class HostConnections
{
    private readonly UpstreamHost _host;
    private readonly CircuitBreakers _limits;
    private readonly ConnectionOptions _options;
    private readonly TimeProvider _time;
    private readonly IdleConnections _idle = new(int.MaxValue);
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource<UpstreamConnection?>> _waiting = new();
    private readonly Action _onClosed;
    private int _count;

    /// <summary>Makes an empty pool.</summary>
    public HostConnections(Cluster cluster, UpstreamHost host, ConnectionOptions options, TimeProvider time)
    {
        (_host, _limits, _options, _time) = (host, cluster.Limits, options, time);
        Cluster = cluster;
        _onClosed = OnClosed;
    }

    /// <summary>The cluster of the host.</summary>
    public Cluster Cluster { get; }

    /// <summary>How many connections there are, idle ones included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Takes a connection for a request, which then counts among the active ones until <see cref="End"/>.</summary>
    /// <exception cref="UpstreamException">The host cannot be reached, or a limit was reached.</exception>
    /// <exception cref="OperationCanceledException">The request or the attempt was interrupted.</exception>
    public ValueTask<UpstreamConnection> TakeAsync(Interruption interruption) =>
        _idle.TryTake(out var connection) ? new(Begin(connection)) : new(WaitAsync(interruption));

    /// <summary>Ends a request.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="isClean">Whether the connection can serve another request.</param>
    public void End(UpstreamConnection connection, bool isClean)
    {
        _host.EndRequest();
        _limits.Requests.Leave();
        Release(connection, isClean);
    }

    /// <summary>Drops idle connections that have ended; says whether no connection at all is left.</summary>
    public bool Clean()
    {
        // Closing itself is not wanted: a request may just be about to come.
        _idle.Clean(closes: false);
        return Count == 0;
    }

    /// <summary>The host is gone: idle connections end, and those in use end with their requests.</summary>
    public void Close() => _idle.Close();

    private UpstreamConnection Begin(UpstreamConnection connection)
    {
        if (!_limits.TryEnterRequest())
        {
            Release(connection, isClean: true);
            throw new UpstreamException(UpstreamFailure.Overflow);
        }

        _host.BeginRequest();
        return connection;
    }

    private void Release(UpstreamConnection connection, bool isClean)
    {
        if (!isClean || !connection.TryRest())
        {
            connection.Dispose();
            return;
        }

        // Where somebody waits, the connection goes there at once.
        if (!TryWake(connection) && !_idle.TryAdd(connection))
        {
            connection.Dispose();
        }
    }

    private async Task<UpstreamConnection> WaitAsync(Interruption interruption)
    {
        if (!_limits.PendingRequests.TryEnter())
        {
            throw new UpstreamException(UpstreamFailure.Overflow);
        }

        var wait = interruption.CreateWait();
        UpstreamConnection connection;
        try
        {
            connection = await ConnectAsync(wait.Token);
        }
        finally
        {
            _limits.PendingRequests.Leave();
            interruption.EndWait(wait);
        }

        return Begin(connection);
    }

    private async Task<UpstreamConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        while (!TryCount())
        {
            // Null means that a connection has ended, so that there is room for another.
            if (await NextFreeAsync(cancellationToken) is { } free)
            {
                return free;
            }
        }

        try
        {
            var connection = await UpstreamConnection.OpenAsync(_host.Endpoint.Address, _options, _time, cancellationToken);
            connection.Closed = _onClosed;
            return connection;
        }
        catch
        {
            OnClosed();
            throw;
        }
    }

    /// <summary>Counts a connection that is about to be made, if the limit allows it.</summary>
    private bool TryCount()
    {
        lock (_gate)
        {
            if (!_limits.TryOpenConnection(_count == 0))
            {
                return false;
            }

            _count++;
            return true;
        }
    }

    private async Task<UpstreamConnection?> NextFreeAsync(CancellationToken cancellationToken)
    {
        var waiting = new TaskCompletionSource<UpstreamConnection?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.AddLast(waiting);
        }

        // One that came free before this stood in the queue.
        if (_idle.TryTake(out var idle) && Remove(waiting))
        {
            return idle;
        }

        if (idle is not null)
        {
            Release(idle, isClean: true);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<UpstreamConnection?>)state!).TrySetCanceled(token), waiting);
        return await waiting.Task;
    }

    private bool Remove(TaskCompletionSource<UpstreamConnection?> waiting)
    {
        lock (_gate)
        {
            return _waiting.Remove(waiting);
        }
    }

    /// <summary>Gives the first who still waits a connection, or the room for one.</summary>
    private bool TryWake(UpstreamConnection? connection)
    {
        while (TakeWaiting() is { } waiting)
        {
            if (waiting.TrySetResult(connection))
            {
                return true;
            }
        }

        return false;
    }

    private TaskCompletionSource<UpstreamConnection?>? TakeWaiting()
    {
        lock (_gate)
        {
            if (_waiting.First is not { } first)
            {
                return null;
            }

            _waiting.RemoveFirst();
            return first.Value;
        }
    }

    private void OnClosed()
    {
        lock (_gate)
        {
            _count--;
        }

        _limits.Connections.Leave();
        TryWake(null);
    }
}
