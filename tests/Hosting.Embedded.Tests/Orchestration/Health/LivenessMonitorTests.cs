using Aspire.Hosting.Orchestration.Health;

namespace Hosting.Embedded.Tests.Orchestration.Health;

public sealed class LivenessMonitorTests
{
    private static readonly TimeSpan InitialDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(7);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Without_probes_nothing_is_ever_restarted()
    {
        Assert.Null(await new LivenessMonitor(null, null, _time).RunAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Liveness_begins_after_its_delay_and_counts_failures_in_a_row()
    {
        var outcomes = new Queue<bool>([true, false, false, true, false, false, false]);
        var run = new LivenessMonitor(null, Probe(() => outcomes.Dequeue(), failureThreshold: 3), _time).RunAsync(
            TestContext.Current.CancellationToken);

        await _time.WaitForTimerAsync(InitialDelay);
        _time.Advance(InitialDelay);
        for (var i = 0; i < 6; i++)
        {
            await _time.WaitForTimerAsync(Period);
            _time.Advance(Period);
        }

        Assert.Equal("The liveness probe failed 3 times in a row: no", await run);
        Assert.Empty(outcomes);
    }

    [Fact]
    public async Task A_startup_probe_that_never_passes_is_a_reason()
    {
        var run = new LivenessMonitor(Probe(() => false, failureThreshold: 2), Probe(() => true, failureThreshold: 1), _time)
            .RunAsync(TestContext.Current.CancellationToken);
        await _time.WaitForTimerAsync(InitialDelay);
        _time.Advance(InitialDelay);
        await _time.WaitForTimerAsync(Period);
        _time.Advance(Period);

        Assert.Equal("The startup probe failed 2 times in a row: no", await run);
    }

    [Fact]
    public async Task Liveness_waits_for_startup()
    {
        var isStarted = false;
        var run = new LivenessMonitor(
            Probe(() => isStarted, failureThreshold: 10),
            Probe(() => isStarted ? false : throw new InvalidOperationException("asked too early"), failureThreshold: 1),
            _time).RunAsync(TestContext.Current.CancellationToken);
        await _time.WaitForTimerAsync(InitialDelay);
        _time.Advance(InitialDelay);
        await _time.WaitForTimerAsync(Period);
        isStarted = true;
        _time.Advance(Period);
        await _time.WaitForTimerAsync(InitialDelay);
        _time.Advance(InitialDelay);

        Assert.Equal("The liveness probe failed 1 times in a row: no", await run);
    }

    [Fact]
    public async Task It_ends_when_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var run = new LivenessMonitor(null, Probe(() => true, failureThreshold: 1), _time).RunAsync(stop.Token);
        await stop.CancelAsync();

        Assert.Null(await run);
    }

    private static ProbeSettings Probe(Func<bool> succeeds, int failureThreshold) => new(
        _ => Task.FromResult(succeeds() ? new ProbeOutcome(true) : new ProbeOutcome(false, "no")),
        InitialDelay,
        Period,
        TimeSpan.FromSeconds(1),
        failureThreshold,
        SuccessThreshold: 1);
}
