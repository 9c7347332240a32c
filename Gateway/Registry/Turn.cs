namespace Gateway.Registry;

/// <summary>Whose turn it is at a service port: one counter for all connections, which outlives a reload of the configuration.</summary>
internal sealed class Turn
{
    private int _last = -1;

    /// <summary>Takes the next turn: an index from 0 up to <paramref name="count"/>.</summary>
    public int Next(int count) => (int)((uint)Interlocked.Increment(ref _last) % (uint)count);
}
