using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Health;
using Aspire.Hosting.Orchestration.Launch;
using Aspire.Hosting.Orchestration.Processes;
using Aspire.Hosting.Orchestration.Replicas;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>One replica of a project or executable: joins its process, its health, its place in the rotation and its snapshot.</summary>
internal sealed partial class ResourceReplica : IAsyncDisposable
{
    private readonly IResource _resource;
    private readonly RunServices _run;
    private readonly IReadOnlyList<ReplicaEndpoint> _endpoints;
    private readonly ReplicaProbes _probes;
    private readonly ReplicaRunner _runner;
    private readonly ILogger _logger;
    private readonly Func<ResourceReplica, Task> _readyChanged;
    private readonly int _index;
    private ReplicaLaunch? _launch;
    private int? _processId;
    private ImmutableArray<HealthReportSnapshot> _ownReports;
    private ImmutableArray<HealthReportSnapshot> _sharedReports = [];
    private TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ResourceReplica(
        IResource resource,
        int index,
        string suffix,
        RestartPolicy restartPolicy,
        IReadOnlyList<ReplicaEndpoint> endpoints,
        RunServices run,
        Func<ResourceReplica, Task> readyChanged)
    {
        Name = $"{resource.Name}-{suffix}";
        _resource = resource;
        _index = index;
        _endpoints = endpoints;
        _run = run;
        _readyChanged = readyChanged;
        _logger = run.Loggers.GetLogger(Name);
        _probes = new ReplicaProbes(resource, index, endpoints, run.Http);
        _ownReports = _probes.NotCheckedYet;
        _runner = new ReplicaRunner(
            new ReplicaOptions
            {
                PrepareAsync = async cancellationToken =>
                {
                    _launch = await run.Launches.CreateAsync(resource, index, suffix, _logger, cancellationToken);
                    return _launch.Spec;
                },
                StatusChanged = OnStatusChangedAsync,
                Output = line => run.Loggers.AddLine(Name, line.Text, line.IsError),
                WatchAsync = WatchAsync,
                RestartPolicy = restartPolicy,
            },
            run.Starter,
            run.Time);
    }

    /// <summary>The name: the resource's and a suffix of five characters.</summary>
    public string Name { get; }

    /// <summary>The latest status of the process.</summary>
    public ReplicaStatus Status => _runner.Status;

    /// <summary>Whether the process runs and all checks pass.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Starts the replica, unless it is not at rest, and returns when its process runs or could not be started.</summary>
    public async Task StartAsync()
    {
        _settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_runner.Start())
        {
            await _settled.Task;
        }
    }

    /// <summary>Stops the replica; see <see cref="ReplicaRunner.StopAsync"/>.</summary>
    public Task StopAsync(CancellationToken hurry) => _runner.StopAsync(hurry);

    /// <summary>Records that the replica cannot be started.</summary>
    public Task FailAsync(string reason) =>
        _runner.Status.IsAtRest ? OnStatusChangedAsync(new ReplicaStatus(ReplicaState.FailedToStart, Reason: reason)) : Task.CompletedTask;

    /// <summary>Shows a state in which there is no process: not started yet, waiting, or given up.</summary>
    public Task PublishStateAsync(string state) =>
        _run.Notifications.PublishUpdateAsync(_resource, Name, snapshot => snapshot with { State = state });

    /// <summary>Takes over the results of checks that are made for the resource as a whole.</summary>
    public Task SetSharedReportsAsync(ImmutableArray<HealthReportSnapshot> reports)
    {
        _sharedReports = reports;
        return OnHealthChangedAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    private async Task<string?> WatchAsync(CancellationToken cancellationToken)
    {
        using var unfit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var readiness = _probes.Checks.Count == 0
            ? Task.CompletedTask
            : new ReadinessMonitor(_probes.Checks, _run.Time, OnVerdictsAsync).RunAsync(unfit.Token);
        var reason = await _probes.CreateLivenessMonitor(_run.Time).RunAsync(cancellationToken);
        if (reason is not null)
        {
            await unfit.CancelAsync();
        }

        await readiness;
        return reason;
    }

    private Task OnVerdictsAsync(ImmutableArray<CheckVerdict> verdicts)
    {
        var now = _run.Time.GetUtcNow().UtcDateTime;
        _ownReports = [.. verdicts.Select(verdict => new HealthReportSnapshot(
            verdict.Key,
            verdict.Healthy switch { true => HealthStatus.Healthy, false => HealthStatus.Unhealthy, null => null },
            verdict.Healthy == true ? null : verdict.Description,
            ExceptionText: null)
        {
            LastRunAt = now,
        })];
        return OnHealthChangedAsync();
    }

    private async Task OnHealthChangedAsync()
    {
        var hasChanged = UpdateRotation(Status);
        await _run.Notifications.PublishUpdateAsync(
            _resource,
            Name,
            snapshot => snapshot with { HealthReports = [.. _ownReports, .. _sharedReports] });
        if (hasChanged)
        {
            await _readyChanged(this);
        }
    }

    private async Task OnStatusChangedAsync(ReplicaStatus status)
    {
        if (status.State == ReplicaState.Starting)
        {
            _ownReports = _probes.NotCheckedYet;
        }

        SetPriority(status);
        var hasChanged = UpdateRotation(status);
        Report(status);
        await PublishAsync(status);
        if (hasChanged)
        {
            await _readyChanged(this);
        }

        if (status.State == ReplicaState.Running || status.IsAtRest)
        {
            _settled.TrySetResult();
        }

        if (status.IsAtRest && _run.Notifications.TryGetCurrentState(Name, out var @event))
        {
            await _run.PublishToHierarchyAsync(
                _resource,
                resource => new ResourceStoppedEvent(resource, _run.Services, @event),
                CancellationToken.None);
        }
    }

    /// <summary>
    /// Takes the replica into the rotation or out of it. Comes before its state is told: whoever hears that it is healthy, or no longer
    /// is, may send a request at once.
    /// </summary>
    /// <returns>Whether that is a change.</returns>
    private bool UpdateRotation(ReplicaStatus status)
    {
        var isReady =
            status.State == ReplicaState.Running && _ownReports.Concat(_sharedReports).All(report => report.Status == HealthStatus.Healthy);
        if (isReady == IsReady)
        {
            return false;
        }

        IsReady = isReady;
        if (isReady)
        {
            _run.Priority.OnServing(status.ProcessId!.Value);
        }

        foreach (var endpoint in _endpoints)
        {
            endpoint.SetReady(_index, isReady);
        }

        return true;
    }

    private void SetPriority(ReplicaStatus status)
    {
        if (status.ProcessId == _processId)
        {
            return;
        }

        if (_processId is { } ended)
        {
            _run.Priority.OnEnded(ended);
        }

        _processId = status.ProcessId;
        if (_processId is { } started && status.Restarts > 0)
        {
            _run.Priority.OnStartingAgain(started);
        }
    }

    private Task PublishAsync(ReplicaStatus status) => _run.Notifications.PublishUpdateAsync(_resource, Name, snapshot => snapshot with
    {
        State = ReplicaSnapshot.StateOf(status),
        StartTimeStamp = status.StartedAt?.UtcDateTime ?? snapshot.StartTimeStamp,
        StopTimeStamp = status.State == ReplicaState.Running ? null : status.StoppedAt?.UtcDateTime ?? snapshot.StopTimeStamp,
        ExitCode = status.State is ReplicaState.Starting or ReplicaState.Running ? null : status.ExitCode,
        HealthReports = [.. _ownReports, .. _sharedReports],
        EnvironmentVariables = _launch?.Variables ?? snapshot.EnvironmentVariables,
        Properties = ReplicaSnapshot.PropertiesOf(status, _launch?.Properties ?? []),
    });

    // What went wrong stands in the replica's own log, after what the process wrote itself.
    private void Report(ReplicaStatus status)
    {
        if (status.Reason is not { } reason || status.State is ReplicaState.Running or ReplicaState.Stopping)
        {
            return;
        }

        var next = status.State switch
        {
            ReplicaState.Starting => string.Create(CultureInfo.InvariantCulture, $" It is started again (restart {status.Restarts})."),
            ReplicaState.CrashLoopBackOff => " It keeps crashing; the next start waits.",
            _ => "",
        };
        LogProblem(_logger, reason, next);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}{Next}")]
    private static partial void LogProblem(ILogger logger, string reason, string next);
}
