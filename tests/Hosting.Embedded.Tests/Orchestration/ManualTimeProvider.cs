using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Hosting.Embedded.Tests.Orchestration;

/// <summary>
/// Virtual time that tells which timers are started, so that a test advances it only when the code under test waits for it.
/// </summary>
internal sealed class ManualTimeProvider : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            _timers.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    /// <summary>Waits for the next timer and returns what it was set to.</summary>
    public async Task<TimeSpan> NextTimerAsync() => await _timers.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits for the next timer set to exactly <paramref name="dueTime"/>, passing over others.</summary>
    public async Task WaitForTimerAsync(TimeSpan dueTime)
    {
        while (await NextTimerAsync() != dueTime)
        {
        }
    }
}
