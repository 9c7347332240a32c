using System.Diagnostics;
using Conformance.Upstreams;

namespace Conformance.Time;

/// <summary>
/// Moves the clock while requests are under way, and only when nothing else can move: every request waits for a delay, be it a back-off, a
/// fault, or an endpoint that takes its time.
/// </summary>
internal sealed class TimeDriver(VirtualTime time, IReadOnlyCollection<ScriptedEndpoint> endpoints)
{
    /// <summary>How long anything may take in real time: what takes longer never ends.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After this real time without any change the clock moves too, for a request that waits for something which is no delay: a connection
    /// that nobody accepts. Far longer than a busy machine takes to do anything.
    /// </summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(3);

    private int _underWay;

    /// <summary>Counts a request.</summary>
    public async Task<T> CountAsync<T>(Task<T> request)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            return await request;
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
            time.Notify();
        }
    }

    /// <summary>Lets time pass until something is done.</summary>
    /// <param name="work">What is to be done.</param>
    /// <param name="concurrency">How many requests can wait for delays at once; others stand in a queue.</param>
    public async Task<T> RunAsync<T>(Task<T> work, int concurrency)
    {
        var started = Stopwatch.GetTimestamp();
        while (!work.IsCompleted)
        {
            var changed = time.Changed;
            if (IsStill(concurrency))
            {
                await MoveAsync();
                continue;
            }

            var stalled = Task.Delay(Stall);
            if (await Task.WhenAny(work, changed, stalled) == stalled)
            {
                await MoveAsync();
            }

            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"no response within {Patience.TotalSeconds} s");
            }
        }

        return await work;
    }

    private bool IsStill(int concurrency)
    {
        var expected = Math.Min(Volatile.Read(ref _underWay), concurrency);
        return expected > 0 && time.Delays + endpoints.Sum(endpoint => endpoint.Delays) >= expected;
    }

    private async Task MoveAsync()
    {
        if (time.FireNext(TimeSpan.MaxValue) != Fired.Watch)
        {
            return;
        }

        // What a timeout cancels is cancelled on other threads: they go first.
        for (var turn = 0; turn < 8 || (turn < 100 && ThreadPool.PendingWorkItemCount > 0); turn++)
        {
            await Task.Run(static () => { });
        }
    }
}
