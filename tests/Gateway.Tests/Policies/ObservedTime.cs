using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Policies;

/// <summary>Virtual time that tells which timers are set, so that a test advances it when something waits, and not before.</summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public ObservedTime()
        : base(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
    {
    }

    /// <summary>Waits until the next timer is set.</summary>
    /// <returns>How long it runs.</returns>
    public async Task<TimeSpan> NextTimerAsync() => await _timers.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits until a timer of this length is set; others before it do not count.</summary>
    public async Task WaitForTimerAsync(TimeSpan length)
    {
        while (await NextTimerAsync() != length)
        {
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }
}
