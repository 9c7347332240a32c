using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Orchestration.Replicas;

/// <summary>
/// The life of one replica: starts its process, starts it again when it dies, ends it when asked. Knows processes by
/// <see cref="IProcessStarter"/> and time by <see cref="TimeProvider"/>; knows nothing of resources, ports or health.
/// </summary>
internal sealed class ReplicaRunner(ReplicaOptions options, IProcessStarter starter, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _stop = new();
    private CancellationTokenSource _hurry = new();
    private Task _life = Task.CompletedTask;

    /// <summary>The latest status.</summary>
    public ReplicaStatus Status { get; private set; } = new(ReplicaState.NotStarted);

    /// <summary>Completes when the replica is at rest.</summary>
    public Task AtRest => _life;

    /// <summary>Starts the replica; false when it is not at rest.</summary>
    public bool Start()
    {
        lock (_gate)
        {
            if (!_life.IsCompleted)
            {
                return false;
            }

            _stop = new CancellationTokenSource();
            _hurry = new CancellationTokenSource();
            _life = LiveAsync(_stop.Token, _hurry.Token);
            return true;
        }
    }

    /// <summary>
    /// Stops the replica: SIGTERM, the grace period, SIGKILL. Completes when its process has ended; may be called any number of times.
    /// </summary>
    /// <param name="hurry">When cancelled the process gets no more grace.</param>
    public async Task StopAsync(CancellationToken hurry)
    {
        Task life;
        CancellationTokenSource stop, kill;
        lock (_gate)
        {
            (life, stop, kill) = (_life, _stop, _hurry);
        }

        if (life.IsCompleted)
        {
            return;
        }

        await stop.CancelAsync();
        await using (hurry.Register(static source => ((CancellationTokenSource)source!).Cancel(), kill))
        {
            await life;
        }
    }

    /// <summary>Stops the replica without grace.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _stop.Dispose();
        _hurry.Dispose();
    }

    private async Task LiveAsync(CancellationToken stop, CancellationToken hurry)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var backOff = default(RestartBackOff);
        var status = new ReplicaStatus(ReplicaState.Starting);
        while (true)
        {
            await PublishAsync(status);
            var started = time.GetTimestamp();
            var tail = new OutputTail();
            if (await StartAsync(tail, stop) is not { } child || await SuperviseAsync(child, tail, stop, hurry) is not { } died)
            {
                return;
            }

            backOff = backOff.AfterCrash(time.GetElapsedTime(started));
            if (backOff.Delay > TimeSpan.Zero && !await BackOffAsync(backOff.Delay, died, stop))
            {
                return;
            }

            status = died with { State = ReplicaState.Starting, StartedAt = null, Restarts = died.Restarts + 1 };
        }
    }

    private async Task<IChildProcess?> StartAsync(OutputTail tail, CancellationToken stop)
    {
        try
        {
            var spec = await options.PrepareAsync(stop);
            stop.ThrowIfCancellationRequested();
            var child = starter.Start(spec, line =>
            {
                tail.Add(line);
                options.Output(line);
            });
            await PublishAsync(
                new ReplicaStatus(ReplicaState.Running, child.Id, time.GetUtcNow(), ExitCode: Status.ExitCode, Restarts: Status.Restarts));
            return child;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await PublishAsync(Status with { State = ReplicaState.Exited });
        }
#pragma warning disable CA1031 // Preparing runs the callbacks of the model: whatever they throw, this replica fails and the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await PublishAsync(Status with { State = ReplicaState.FailedToStart, Reason = exception.Message });
        }

        return null;
    }

    // The status of the process that died when it has to be started again; null when the replica is at rest.
    private async Task<ReplicaStatus?> SuperviseAsync(IChildProcess child, OutputTail tail, CancellationToken stop, CancellationToken hurry)
    {
        var unfit = await WatchAsync(child, stop);
        if (stop.IsCancellationRequested && !child.Exited.IsCompleted)
        {
            await PublishAsync(Status with { State = ReplicaState.Stopping });
        }

        if (stop.IsCancellationRequested || unfit is not null)
        {
            await EndAsync(child, hurry);
        }

        var died = Status with { ProcessId = null, StoppedAt = time.GetUtcNow() };
        try
        {
            died = died with { ExitCode = await child.Exited };
        }
        catch (ProcessStartException exception)
        {
            await PublishAsync(died with { State = ReplicaState.FailedToStart, Reason = exception.Message, LastLines = tail.ToList() });
            return null;
        }

        if (stop.IsCancellationRequested)
        {
            await PublishAsync(died with { State = ReplicaState.Exited });
            return null;
        }

        died = died with
        {
            State = ReplicaState.CrashLoopBackOff,
            Reason = unfit ?? $"The process ended with exit code {died.ExitCode}{SignalName(died.ExitCode)}.",
            LastLines = tail.ToList(),
        };
        if (unfit is not null || IsRestarted(died.ExitCode))
        {
            return died;
        }

        await PublishAsync(died.ExitCode == 0
            ? died with { State = ReplicaState.Finished, Reason = null, LastLines = [] }
            : died with { State = ReplicaState.Exited });
        return null;
    }

    // Returns when the process has ended, is to be stopped, or is unfit; the reason in the last case.
    private async Task<string?> WatchAsync(IChildProcess child, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watch = options.WatchAsync(ended.Token);
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, time, ended.Token);
        var first = await Task.WhenAny(child.Exited, stopped, watch);
        if (first == watch && await watch is null)
        {
            await Task.WhenAny(child.Exited, stopped);
        }

        await ended.CancelAsync();
        var reason = await watch;
        return first == watch ? reason : null;
    }

    private async Task EndAsync(IChildProcess child, CancellationToken hurry)
    {
        child.Terminate();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        await Task.WhenAny(child.Exited, Task.Delay(options.GracePeriod, time, ended.Token));
        await ended.CancelAsync();
        child.Kill();
        await Task.WhenAny(child.Exited);
    }

    private async Task<bool> BackOffAsync(TimeSpan delay, ReplicaStatus died, CancellationToken stop)
    {
        await PublishAsync(died);
        await Task.Delay(delay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested)
        {
            return true;
        }

        await PublishAsync(died with { State = ReplicaState.Exited });
        return false;
    }

    private bool IsRestarted(int? exitCode) => options.RestartPolicy switch
    {
        RestartPolicy.Always => true,
        RestartPolicy.OnFailure => exitCode != 0,
        _ => false,
    };

    private Task PublishAsync(ReplicaStatus status)
    {
        Status = status;
        return options.StatusChanged(status);
    }

    private static string SignalName(int? exitCode) => exitCode switch
    {
        134 => " (SIGABRT)",
        137 => " (SIGKILL)",
        139 => " (SIGSEGV)",
        143 => " (SIGTERM)",
        _ => "",
    };
}
