namespace Gateway.Clusters.Limits;

/// <summary>One circuit breaker: a counter that may not pass a limit.</summary>
internal sealed class Breaker
{
    private int _count;
    private long _overflows;

    /// <summary>Makes one.</summary>
    /// <param name="limit">The most there may be.</param>
    public Breaker(uint limit) => Limit = limit;

    /// <summary>The most there may be.</summary>
    public uint Limit { get; }

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How often the limit refused one.</summary>
    public long Overflows => Volatile.Read(ref _overflows);

    /// <summary>True when there is no room for another.</summary>
    public bool IsOpen => (uint)Count >= Limit;

    /// <summary>Adds one if the limit allows it.</summary>
    public bool TryEnter() => TryEnter(Limit);

    /// <summary>Adds one if a limit of this moment allows it.</summary>
    public bool TryEnter(uint limit)
    {
        var count = Volatile.Read(ref _count);
        while ((uint)count < limit)
        {
            var seen = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        Interlocked.Increment(ref _overflows);
        return false;
    }

    /// <summary>Adds one in spite of the limit.</summary>
    public void Enter() => Interlocked.Increment(ref _count);

    /// <summary>Takes one away.</summary>
    public void Leave() => Interlocked.Decrement(ref _count);
}
