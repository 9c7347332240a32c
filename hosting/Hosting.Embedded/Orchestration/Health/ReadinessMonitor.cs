using System.Collections.Immutable;

namespace Aspire.Hosting.Orchestration.Health;

/// <summary>A named check of one replica.</summary>
internal sealed record ReplicaCheck(string Key, Func<CancellationToken, Task<ProbeOutcome>> RunAsync);

/// <summary>The verdict of one check of a replica; <paramref name="Healthy"/> is null until there is one.</summary>
internal sealed record CheckVerdict(string Key, bool? Healthy, string? Description);

/// <summary>
/// Decides whether a replica takes traffic, as a readiness probe does: a check that fails twice in a row takes the replica out, one
/// success brings it back. Polls quickly until the replica has been ready once, so that a start costs no more than it must.
/// </summary>
/// <remarks>
/// A frozen process accepts connections and never answers, so it is known by timeouts alone. In the worst case it freezes right after a
/// poll: <see cref="Period"/> and two timeouts must stay below three seconds.
/// </remarks>
internal sealed class ReadinessMonitor
{
    /// <summary>From the start of one poll to the start of the next, unless a timeout takes longer.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(750);

    /// <summary>What one check may take.</summary>
    public static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(1);

    private const int FailureThreshold = 2;
    private const int SuccessThreshold = 1;

    // 20 ms and a fiftieth of the time waited so far: a start is noticed at once, and a slow one costs no CPU time.
    private const double StartPeriodGrowth = 1.02;

    private static readonly TimeSpan StartPeriod = TimeSpan.FromMilliseconds(20);

    private readonly IReadOnlyList<ReplicaCheck> _checks;
    private readonly ProbeGate[] _gates;
    private readonly string?[] _descriptions;
    private readonly TimeProvider _time;
    private readonly Func<ImmutableArray<CheckVerdict>, Task> _changed;

    /// <param name="checks">The checks of the replica; it is ready when all of them pass.</param>
    /// <param name="time">The clock.</param>
    /// <param name="changed">Called with all verdicts when one of them has changed.</param>
    public ReadinessMonitor(IReadOnlyList<ReplicaCheck> checks, TimeProvider time, Func<ImmutableArray<CheckVerdict>, Task> changed)
    {
        _checks = checks;
        _gates = [.. checks.Select(_ => new ProbeGate(FailureThreshold, SuccessThreshold))];
        _descriptions = new string?[checks.Count];
        _time = time;
        _changed = changed;
    }

    /// <summary>Polls until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var period = StartPeriod;
        var wasReady = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            var outcomes = await Task.WhenAll(_checks.Select(check => RunAsync(check, cancellationToken)));
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (Record(outcomes))
            {
                await _changed([.. _checks.Select((check, i) => new CheckVerdict(check.Key, _gates[i].Passes, _descriptions[i]))]);
            }

            wasReady |= _gates.All(gate => gate.Passes == true);
            period = wasReady ? Period : Min(period * StartPeriodGrowth, Period);
            var rest = period - _time.GetElapsedTime(started);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private bool Record(ProbeOutcome[] outcomes)
    {
        var changed = false;
        for (var i = 0; i < outcomes.Length; i++)
        {
            changed |= _gates[i].Record(outcomes[i].Success);
            _descriptions[i] = outcomes[i].Description;
        }

        return changed;
    }

    private async Task<ProbeOutcome> RunAsync(ReplicaCheck check, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(CheckTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        return await Probe.RunAsync(check.RunAsync, CheckTimeout, either.Token);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
