using System.Collections.Concurrent;
using Gateway.Registry;

namespace Gateway.Forwarding;

/// <summary>The idle connections to all endpoints. The one used last is used next, so that a quiet time closes the others.</summary>
internal sealed class UpstreamPool : IDisposable
{
    /// <summary>How many idle connections to an endpoint are kept; upstream-keepalive-connections in ingress-nginx.</summary>
    private const int MaxIdle = 320;

    private readonly ConcurrentDictionary<ServiceEndpoint, IdleConnections> _endpoints = new();
    private readonly UpstreamTimeouts _timeouts;
    private readonly TimeProvider _time;
    private readonly ITimer _cleaning;

    public UpstreamPool(UpstreamTimeouts timeouts, TimeProvider time)
    {
        _timeouts = timeouts;
        _time = time;
        _cleaning = time.CreateTimer(static pool => ((UpstreamPool)pool!).Clean(), this, timeouts.Idle, timeouts.Idle);
    }

    /// <summary>Takes an idle connection, or opens one.</summary>
    /// <exception cref="UpstreamException">The endpoint cannot be reached.</exception>
    public ValueTask<UpstreamConnection> TakeAsync(ServiceEndpoint endpoint, CancellationToken cancellationToken)
    {
        var idle = _endpoints.GetOrAdd(endpoint, static _ => new IdleConnections());
        while (idle.TryPop(out var connection))
        {
            if (connection.IsUsable)
            {
                return ValueTask.FromResult(connection);
            }

            connection.Dispose();
        }

        return new ValueTask<UpstreamConnection>(UpstreamConnection.OpenAsync(endpoint.Address, _timeouts, _time, cancellationToken));
    }

    /// <summary>Gives a connection back whose response has been read to its end.</summary>
    public void Return(ServiceEndpoint endpoint, UpstreamConnection connection)
    {
        var idle = _endpoints.GetOrAdd(endpoint, static _ => new IdleConnections());
        if (connection.IsExpired || !connection.TryRest() || !idle.TryPush(connection))
        {
            connection.Dispose();
        }
    }

    public void Dispose()
    {
        _cleaning.Dispose();
        foreach (var idle in _endpoints.Values)
        {
            idle.Close();
        }
    }

    /// <summary>Drops what has died in the pool: closed connections, and endpoints without any.</summary>
    private void Clean()
    {
        foreach (var (endpoint, idle) in _endpoints)
        {
            if (idle.Clean())
            {
                _endpoints.TryRemove(endpoint, out _);
            }
        }
    }

    /// <summary>A stack of connections.</summary>
    private sealed class IdleConnections
    {
        private readonly Lock _gate = new();
        private readonly Stack<UpstreamConnection> _stack = new();
        private bool _closed;

        public bool TryPop(out UpstreamConnection connection)
        {
            lock (_gate)
            {
                return _stack.TryPop(out connection!);
            }
        }

        public bool TryPush(UpstreamConnection connection)
        {
            lock (_gate)
            {
                if (_closed || _stack.Count >= MaxIdle)
                {
                    return false;
                }

                _stack.Push(connection);
                return true;
            }
        }

        /// <summary>Drops connections that are closed; closes itself when none is left, and says so.</summary>
        public bool Clean()
        {
            lock (_gate)
            {
                var usable = _stack.Where(connection => connection.IsUsable).Reverse().ToArray();
                foreach (var connection in _stack.Except(usable))
                {
                    connection.Dispose();
                }

                _stack.Clear();
                foreach (var connection in usable)
                {
                    _stack.Push(connection);
                }

                return _closed = usable.Length == 0;
            }
        }

        public void Close()
        {
            lock (_gate)
            {
                _closed = true;
                while (_stack.TryPop(out var connection))
                {
                    connection.Dispose();
                }
            }
        }
    }
}
