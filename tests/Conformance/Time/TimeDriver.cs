using System.Diagnostics;
using Conformance.Upstreams;

namespace Conformance.Time;

/// <summary>
/// Moves the clock while requests are under way, and only when nothing else can move: every request waits for a delay, be it a back-off, a
/// fault, or an endpoint that takes its time.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="endpoints">Those that may make a request wait.</param>
/// <param name="stall">
/// After this real time without any change the clock moves too, for a request that waits for something which is no delay: a connection
/// that nobody accepts.
/// </param>
internal sealed class TimeDriver(VirtualTime time, IEnumerable<IEndpoint> endpoints, TimeSpan stall)
{
    /// <summary>Far longer than a busy machine takes to do anything.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(8);

    /// <summary>Where a clock that moves too early does no harm.</summary>
    public static readonly TimeSpan ShortStall = TimeSpan.FromSeconds(2);

    /// <summary>How long a delay that a timeout breaks off may go on in real time: so many ticks.</summary>
    private const int GraceTicks = 20;

    // Real time is waited for in ticks, each of them a task of the pool: where the machine stands still or the pool is busy, they take as
    // much longer as everything else does.
    private static readonly TimeSpan GraceTick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan StallTick = TimeSpan.FromMilliseconds(250);

    /// <summary>How much virtual time a step may take: a request that nothing ends would go on for the endpoints' forty days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    /// <summary>How long anything may take in real time: what takes longer never ends.</summary>
    private readonly TimeSpan _patience = 15 * stall;

    private int _underWay;

    /// <summary>Counts a request as long as it is under way.</summary>
    /// <returns>When it has ended.</returns>
    public async Task<TimeSpan> FollowAsync(Task request)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            await request.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return time.Elapsed;
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
    /// <param name="most">How many requests may be under way when time begins to pass; the others end before.</param>
    public async Task<T> RunAsync<T>(Task<T> work, int concurrency, int most)
    {
        var started = Stopwatch.GetTimestamp();
        var latest = time.Elapsed + Longest;
        while (!work.IsCompleted)
        {
            if (time.Elapsed > latest)
            {
                throw new TimeoutException($"no response within {Longest.TotalHours} h");
            }

            var changed = time.Changed;
            if (Volatile.Read(ref _underWay) <= most && IsStill(concurrency))
            {
                await MoveAsync();
                continue;
            }

            if (await IsStalledAsync(work, changed))
            {
                await MoveAsync();
            }

            if (Stopwatch.GetElapsedTime(started) > _patience)
            {
                throw new TimeoutException($"no response within {_patience.TotalSeconds} s");
            }
        }

        return await work;
    }

    private async Task<bool> IsStalledAsync(Task work, Task changed)
    {
        for (var waited = TimeSpan.Zero; waited < stall; waited += StallTick)
        {
            var tick = Task.Delay(StallTick);
            if (await Task.WhenAny(work, changed, tick) != tick)
            {
                return false;
            }
        }

        return true;
    }

    private bool IsStill(int concurrency)
    {
        var expected = Math.Min(Volatile.Read(ref _underWay), concurrency);
        return expected > 0 && time.Delays + endpoints.Sum(endpoint => endpoint.Delays) >= expected;
    }

    private async Task MoveAsync()
    {
        var delays = time.Delays;

        var queued = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // Not on a thread of the pool: what is set going there would stand behind what this method waits for.
        var fired = await Task.Factory.StartNew(
            () => FireNext(queued), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (fired != Fired.Timeout)
        {
            return;
        }

        // A timeout that breaks off an exchange closes a socket, which is seen at once. One that breaks off a delay does so in the pool.
        await queued.Task;
        for (var tick = 0; tick < GraceTicks && time.Delays > 0 && time.Delays == delays; tick++)
        {
            await Task.Delay(GraceTick);
        }
    }

    /// <summary>Fires the next timer, and tells when the pool has come to what the timer has put into its queue.</summary>
    private Fired FireNext(TaskCompletionSource queued)
    {
        var fired = time.FireNext(TimeSpan.MaxValue);
        ThreadPool.UnsafeQueueUserWorkItem(static reached => reached.SetResult(), queued, preferLocal: false);
        return fired;
    }
}
