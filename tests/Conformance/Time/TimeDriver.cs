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
    /// <summary>How long anything may take in real time: what takes longer never ends.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Far longer than a busy machine takes to do anything.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(8);

    /// <summary>Where a clock that moves too early does no harm.</summary>
    public static readonly TimeSpan ShortStall = TimeSpan.FromSeconds(2);

    /// <summary>How long a delay that a timeout breaks off may go on in real time.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    /// <summary>How much virtual time a step may take: a request that nothing ends would go on for the endpoints' forty days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);

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
    /// <param name="refusals">How many requests end before any time passes.</param>
    public async Task<T> RunAsync<T>(Task<T> work, int concurrency, int refusals)
    {
        var most = Volatile.Read(ref _underWay) - refusals;
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

            var stalled = Task.Delay(stall);
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
        var delays = time.Delays;

        // Not on a thread of the pool: what is set going there would stand behind what this method waits for.
        var fired = await Task.Factory.StartNew(
            () => time.FireNext(TimeSpan.MaxValue), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (fired != Fired.Timeout)
        {
            return;
        }

        // A timeout that breaks off an exchange closes a socket, which is seen at once. One that breaks off a delay does so on another thread.
        var grace = Task.Delay(Grace);
        while (time.Delays > 0 && time.Delays == delays && !grace.IsCompleted)
        {
            var changed = time.Changed;
            if (time.Delays == delays)
            {
                await Task.WhenAny(changed, grace);
            }
        }
    }
}
