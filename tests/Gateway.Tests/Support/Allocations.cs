namespace Gateway.Tests.Support;

/// <summary>Counts what code allocates of its own.</summary>
internal static class Allocations
{
    /// <summary>So many that even what allocates once in a hundred calls does so in every round.</summary>
    private const int Calls = 1000;

    private const int Rounds = 50;

    /// <summary>
    /// The bytes that this thread allocates in a thousand calls: the least of several rounds. The runtime allocates at times, too: it
    /// loads a type, compiles a method again, fills a pool that a collection has emptied. So one quiet round is proof, for code that
    /// allocates does so in every round.
    /// </summary>
    public static long Of(Action call)
    {
        var least = long.MaxValue;
        for (var round = 0; round < Rounds && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var index = 0; index < Calls; index++)
            {
                call();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
