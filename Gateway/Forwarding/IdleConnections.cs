namespace Gateway.Forwarding;

/// <summary>The idle connections to one endpoint. The one used last is used next, so that a quiet time closes the others.</summary>
/// <param name="limit">How many are kept.</param>
internal sealed class IdleConnections(int limit)
{
    private readonly Lock _gate = new();
    private readonly Stack<UpstreamConnection> _stack = new();
    private bool _closed;

    /// <summary>Takes one that is still open and silent; those that are not are dropped on the way.</summary>
    public bool TryTake(out UpstreamConnection connection)
    {
        while (TryPop(out connection))
        {
            if (connection.IsUsable)
            {
                return true;
            }

            connection.Dispose();
        }

        return false;
    }

    /// <summary>Keeps a connection, unless there are enough, or this is closed.</summary>
    public bool TryAdd(UpstreamConnection connection)
    {
        lock (_gate)
        {
            if (_closed || _stack.Count >= limit)
            {
                return false;
            }

            _stack.Push(connection);
            return true;
        }
    }

    /// <summary>Drops connections that have ended, and says whether none is left.</summary>
    /// <param name="closes">Whether it then keeps none from now on.</param>
    public bool Clean(bool closes)
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

            _closed |= closes && usable.Length == 0;
            return usable.Length == 0;
        }
    }

    /// <summary>Drops all, and keeps none from now on.</summary>
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

    private bool TryPop(out UpstreamConnection connection)
    {
        lock (_gate)
        {
            return _stack.TryPop(out connection!);
        }
    }
}
