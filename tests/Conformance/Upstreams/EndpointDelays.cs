using System.Collections.Concurrent;
using Conformance.Time;

namespace Conformance.Upstreams;

/// <summary>The answers that an endpoint holds back, counted until the clock fires them: it moves on when everything waits.</summary>
/// <param name="time">The clock.</param>
internal sealed class EndpointDelays(VirtualTime time)
{
    private readonly ConcurrentDictionary<object, Func<bool>> _waiting = new();

    /// <summary>How many there are; not those whose sender has given up.</summary>
    public int Count => _waiting.Values.Count(isWanted => isWanted());

    /// <summary>Waits.</summary>
    /// <param name="delay">How long.</param>
    /// <param name="isWanted">Whether the sender still waits for the answer.</param>
    /// <param name="stop">Ends waiting.</param>
    public async Task WaitAsync(TimeSpan delay, Func<bool> isWanted, CancellationToken stop)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stopped = stop.UnsafeRegister(_ => End(end.TrySetCanceled(stop)), null);
        await using var timer = time.CreateTimer(_ => End(end.TrySetResult()), null, delay, Timeout.InfiniteTimeSpan);

        // Counted only now that the timer runs: the clock moves when all wait.
        _waiting[end] = isWanted;
        End(end.Task.IsCompleted);
        time.Notify();
        await end.Task;

        // At once, not when the code that waits goes on: the clock must not move in between.
        void End(bool hasEnded)
        {
            if (hasEnded)
            {
                _waiting.TryRemove(end, out var _);
            }
        }
    }
}
