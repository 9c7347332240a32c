namespace Gateway.Clusters.Limits;

/// <summary>Counts the requests of the last interval, in ten parts of it: what a retry budget with an interval looks at.</summary>
/// <remarks>envoyproxy/envoy source/common/upstream/resource_manager_impl.h, RetryBudgetImpl.</remarks>
internal sealed class RequestWindow
{
    private const int Parts = 10;

    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[Parts];
    private readonly TimeProvider _time;
    private readonly TimeSpan _part;
    private long _current;
    private long _begun;
    private int _index;

    /// <summary>Makes an empty window.</summary>
    public RequestWindow(TimeSpan interval, TimeProvider time)
    {
        (_time, _part) = (time, interval / Parts);
        _begun = time.GetTimestamp();
    }

    /// <summary>Counts a request that begins.</summary>
    public void Add()
    {
        lock (_gate)
        {
            Expire();
            _current++;
        }
    }

    /// <summary>The requests of the interval.</summary>
    public long Sum()
    {
        lock (_gate)
        {
            Expire();
            return _current + _counts.Sum();
        }
    }

    private void Expire()
    {
        var now = _time.GetTimestamp();
        var elapsed = _time.GetElapsedTime(_begun, now);
        if (elapsed < _part)
        {
            return;
        }

        _begun = now;
        _counts[_index] = _current;
        _current = 0;
        _index = (_index + 1) % Parts;
        for (var cleared = 0; elapsed > _part && cleared < Parts; cleared++)
        {
            _counts[_index] = 0;
            elapsed -= _part;
            _index = (_index + 1) % Parts;
        }
    }
}
