namespace Aspire.Hosting.Orchestration.Proxy;

/// <summary>Counts open connections, so that a proxy can be disposed when the last one has ended.</summary>
internal sealed class ConnectionSet
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _empty;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts a connection until the result is disposed.</summary>
    public Registration Enter()
    {
        lock (_gate)
        {
            _count++;
            return new Registration(this);
        }
    }

    /// <summary>Completes when no connection is open.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                return Task.CompletedTask;
            }

            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _empty.Task;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _empty?.TrySetResult();
            }
        }
    }

    internal readonly struct Registration(ConnectionSet set) : IDisposable
    {
        public void Dispose() => set.Leave();
    }
}
