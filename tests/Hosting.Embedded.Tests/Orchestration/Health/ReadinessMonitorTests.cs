using System.Collections.Immutable;
using System.Threading.Channels;
using Aspire.Hosting.Orchestration.Health;

namespace Hosting.Embedded.Tests.Orchestration.Health;

public sealed class ReadinessMonitorTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Channel<(bool? Healthy, string? Description, TimeSpan At)> _verdicts =
        Channel.CreateUnbounded<(bool?, string?, TimeSpan)>();
    private readonly Channel<TimeSpan> _polls = Channel.CreateUnbounded<TimeSpan>();
    private readonly DateTimeOffset _start;
    private volatile Func<CancellationToken, Task<ProbeOutcome>> _check = _ => Task.FromResult(new ProbeOutcome(true));

    public ReadinessMonitorTests()
    {
        _start = _time.GetUtcNow();
    }

    private TimeSpan Now => _time.GetUtcNow() - _start;

    [Fact]
    public async Task Polls_are_quick_until_the_first_success_and_regular_afterwards()
    {
        _check = _ => Task.FromResult(new ProbeOutcome(false, "Nothing listens."));
        using var stop = new CancellationTokenSource();
        var run = StartAsync(stop.Token);

        var periods = new List<TimeSpan>();
        for (var i = 0; i < 200; i++)
        {
            periods.Add(await PassTimeAsync());
        }

        Assert.InRange(periods[0].TotalMilliseconds, 10, 25);
        Assert.Equal(periods, periods.Order());
        var waited = TimeSpan.Zero;
        foreach (var period in periods)
        {
            Assert.InRange(period, TimeSpan.Zero, TimeSpan.FromMilliseconds(25) + (waited * 0.03));
            waited += period;
        }

        Assert.Equal(ReadinessMonitor.Period, periods[^1]);
        Assert.Equal((false, "Nothing listens."), await NextVerdictAsync());

        _check = _ => Task.FromResult(new ProbeOutcome(true));
        Assert.Equal(ReadinessMonitor.Period, await PassTimeAsync());
        Assert.Equal((true, null), await NextVerdictAsync());
        Assert.Equal(ReadinessMonitor.Period, await PassTimeAsync());
        await StopAsync(stop, run);
    }

    [Fact]
    public async Task One_failure_is_forgiven_the_second_counts_and_one_success_heals()
    {
        using var stop = new CancellationTokenSource();
        var run = StartAsync(stop.Token);
        Assert.Equal((true, null), await NextVerdictAsync());

        _check = _ => Task.FromResult(new ProbeOutcome(false, "503"));
        await PassTimeAsync();
        _check = _ => Task.FromResult(new ProbeOutcome(true));
        await PassTimeAsync();
        _check = _ => throw new InvalidOperationException("boom");
        await PassTimeAsync();
        await PassTimeAsync();
        await PassTimeAsync();
        Assert.Equal((false, "boom"), await NextVerdictAsync());
        _check = _ => Task.FromResult(new ProbeOutcome(true));
        await PassTimeAsync();
        Assert.Equal((true, null), await NextVerdictAsync());
        await StopAsync(stop, run);
    }

    [Fact]
    public async Task A_replica_that_freezes_right_after_a_poll_is_out_within_three_seconds()
    {
        using var stop = new CancellationTokenSource();
        var run = StartAsync(stop.Token);
        await NextVerdictAsync();
        await _time.WaitForTimerAsync(ReadinessMonitor.Period);
        var frozen = Now;
        _check = async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return new ProbeOutcome(true);
        };

        _time.Advance(ReadinessMonitor.Period);
        for (var i = 0; i < 2; i++)
        {
            await _time.WaitForTimerAsync(ReadinessMonitor.CheckTimeout);
            _time.Advance(ReadinessMonitor.CheckTimeout);
        }

        var (healthy, description, at) = await _verdicts.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal((false, "No answer within 1 s."), (healthy, description));
        Assert.True(at - frozen <= TimeSpan.FromSeconds(2.75), $"out after {at - frozen}");
        await StopAsync(stop, run);
    }

    private Task StartAsync(CancellationToken cancellationToken) => new ReadinessMonitor(
        [new ReplicaCheck("key", token =>
        {
            _polls.Writer.TryWrite(Now);
            return _check(token);
        })],
        _time,
        Report).RunAsync(cancellationToken);

    private Task Report(ImmutableArray<CheckVerdict> verdicts)
    {
        var verdict = Assert.Single(verdicts);
        Assert.Equal("key", verdict.Key);
        _verdicts.Writer.TryWrite((verdict.Healthy, verdict.Description, Now));
        return Task.CompletedTask;
    }

    private async Task<(bool?, string?)> NextVerdictAsync()
    {
        var (healthy, description, _) = await _verdicts.Reader.ReadAsync(TestContext.Current.CancellationToken);
        return (healthy, description);
    }

    /// <summary>Lets the pause before the next poll pass and returns how long it was.</summary>
    private async Task<TimeSpan> PassTimeAsync()
    {
        TimeSpan pause;
        do
        {
            pause = await _time.NextTimerAsync();
        }
        while (pause == ReadinessMonitor.CheckTimeout);

        _time.Advance(pause);
        return pause;
    }

    private static async Task StopAsync(CancellationTokenSource stop, Task run)
    {
        await stop.CancelAsync();
        await run;
    }
}
