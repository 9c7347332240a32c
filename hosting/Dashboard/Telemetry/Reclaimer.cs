namespace Dashboard.Telemetry;

/// <summary>
/// Has memory collected when the stores have pushed out so much. What they drop has lived for long, which the collector takes for a sign
/// that it will go on living: under a flood it would let dropped records lie until they take several times as much as those that are kept.
/// A limit of the heap does not do: where it is reached, exports and pages fail. Safe for use by several threads.
/// </summary>
/// <param name="collect">Collects; runs on a thread of the pool.</param>
internal sealed class Reclaimer(Action collect)
{
    /// <summary>How many bytes lie about at most, as the stores estimate them.</summary>
    public const long Bound = 8 * 1024 * 1024;

    private long _dropped;

    /// <summary>Collects all generations of this process, and gives back to the system what is free then.</summary>
    public static Reclaimer OfProcess { get; } =
        new(static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));

    /// <summary>Takes note of bytes that were pushed out.</summary>
    public void Note(long bytes)
    {
        if (bytes > 0 && Interlocked.Add(ref _dropped, bytes) >= Bound && Interlocked.Exchange(ref _dropped, 0) >= Bound)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static collect => collect(), collect, preferLocal: false);
        }
    }
}
