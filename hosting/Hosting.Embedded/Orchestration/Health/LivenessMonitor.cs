namespace Aspire.Hosting.Orchestration.Health;

/// <summary>A declared startup or liveness probe with Kubernetes' own fields.</summary>
internal sealed record ProbeSettings(
    Func<CancellationToken, Task<ProbeOutcome>> Check,
    TimeSpan InitialDelay,
    TimeSpan Period,
    TimeSpan Timeout,
    int FailureThreshold,
    int SuccessThreshold);

/// <summary>
/// Decides whether a running replica has to be restarted, only by probes that were declared for it: a startup probe that never passes,
/// or a liveness probe that fails, which is not run before the startup probe has passed.
/// https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
/// </summary>
internal sealed class LivenessMonitor(ProbeSettings? startup, ProbeSettings? liveness, TimeProvider time)
{
    /// <summary>Completes with the reason when the replica has to be restarted, or with null when cancelled.</summary>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        if (startup is not null && await WatchAsync("startup", startup, untilPassed: true, cancellationToken) is { } notStarted)
        {
            return notStarted;
        }

        return liveness is null ? null : await WatchAsync("liveness", liveness, untilPassed: false, cancellationToken);
    }

    private async Task<string?> WatchAsync(string kind, ProbeSettings probe, bool untilPassed, CancellationToken cancellationToken)
    {
        var gate = new ProbeGate(probe.FailureThreshold, probe.SuccessThreshold);
        try
        {
            await Task.Delay(probe.InitialDelay, time, cancellationToken);
            while (true)
            {
                var started = time.GetTimestamp();
                var outcome = await RunAsync(probe, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                gate.Record(outcome.Success);
                if (gate.Passes == false)
                {
                    return $"The {kind} probe failed {probe.FailureThreshold} times in a row: {outcome.Description}";
                }

                if (untilPassed && gate.Passes == true)
                {
                    return null;
                }

                var rest = probe.Period - time.GetElapsedTime(started);
                await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<ProbeOutcome> RunAsync(ProbeSettings probe, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(probe.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        return await Probe.RunAsync(probe.Check, probe.Timeout, either.Token);
    }
}
