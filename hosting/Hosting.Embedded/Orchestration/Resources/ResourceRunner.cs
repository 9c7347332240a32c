using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Health;
using Aspire.Hosting.Orchestration.Replicas;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>
/// Runs one project or executable with all its replicas: waits for what it depends on, starts, stops, announces that it is ready.
/// </summary>
internal sealed partial class ResourceRunner : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly RunServices _run;
    private readonly IReadOnlyList<ReplicaEndpoint> _endpoints;
    private readonly RestartPolicy _restartPolicy;
    private readonly HashSet<ResourceReplica> _wanted = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly IReadOnlyList<string> _sharedKeys;
    private CancellationTokenSource _waiting = new();
    private Task _starting = Task.CompletedTask;
    private Task _sharedChecks = Task.CompletedTask;
    private bool _isStarting;
    private bool _isAnnounced;
    private ImmutableArray<ResourceReplica> _replicas;

    public ResourceRunner(
        IResource resource,
        IReadOnlyList<string> suffixes,
        IReadOnlyList<ReplicaEndpoint> endpoints,
        RestartPolicy restartPolicy,
        RunServices run)
    {
        Resource = resource;
        _endpoints = endpoints;
        _run = run;
        _restartPolicy = restartPolicy;
        var own = ReplicaProbes.HttpChecksOf(resource).Select(check => check.Key).ToHashSet();
        _sharedKeys = resource.TryGetAnnotationsIncludingAncestorsOfType<HealthCheckAnnotation>(out var checks)
            ? [.. checks.Select(check => check.Key).Where(key => !own.Contains(key)).Distinct()]
            : [];
        _replicas = [.. suffixes.Select(CreateReplica)];
    }

    /// <summary>The project or executable.</summary>
    public IResource Resource { get; }

    /// <summary>Its replicas, in their order.</summary>
    public IReadOnlyList<ResourceReplica> Replicas => _replicas;

    /// <summary>Its endpoints.</summary>
    public IReadOnlyList<ReplicaEndpoint> Endpoints => _endpoints;

    /// <summary>Held by whoever changes the number of replicas.</summary>
    public SemaphoreSlim Scaling { get; } = new(1);

    /// <summary>Adds a replica, which is not started yet. Its ports must be there.</summary>
    public ResourceReplica AddReplica(string suffix)
    {
        var replica = CreateReplica(suffix, _replicas.Length);
        _replicas = _replicas.Add(replica);
        return replica;
    }

    /// <summary>Takes the last replica out, to be stopped.</summary>
    public ResourceReplica TakeLastReplica()
    {
        var last = _replicas[^1];
        _replicas = _replicas.RemoveAt(_replicas.Length - 1);
        return last;
    }

    /// <summary>
    /// Starts replicas once the resource may start; told so again while they wait, they wait no longer. Returns when their processes run
    /// or have failed to. Never throws: a failure is a state.
    /// </summary>
    /// <param name="replicas">Replicas of this resource; those that are not at rest are left alone.</param>
    public Task StartAsync(IEnumerable<ResourceReplica> replicas)
    {
        lock (_gate)
        {
            ResourceReplica[] wanted = [.. replicas.Where(replica => replica.Status.IsAtRest)];
            if (wanted.Length == 0 || _stopping.IsCancellationRequested)
            {
                return Task.CompletedTask;
            }

            var wait = wanted.All(_wanted.Contains);
            _wanted.UnionWith(wanted);
            if (!_isStarting)
            {
                _isStarting = true;
                _waiting = new CancellationTokenSource();
                _starting = StartWantedAsync(_waiting.Token);
            }
            else if (wait)
            {
                _waiting.Cancel();
            }

            return _starting;
        }
    }

    /// <summary>Stops one replica; it may be started again.</summary>
    public async Task StopAsync(ResourceReplica replica, CancellationToken hurry)
    {
        bool wasWaiting;
        lock (_gate)
        {
            wasWaiting = _wanted.Remove(replica);
        }

        await replica.StopAsync(hurry);
        if (wasWaiting)
        {
            await replica.PublishStateAsync(KnownResourceStates.NotStarted);
        }
    }

    /// <summary>Stops all replicas for good.</summary>
    /// <param name="hurry">When cancelled the processes get no more grace.</param>
    public async Task StopAsync(CancellationToken hurry)
    {
        await _stopping.CancelAsync();
        await StopReplicasAsync();

        // A handler of the model may be slow to give up; what it started meanwhile is stopped too.
        await _starting.WaitAsync(hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StopReplicasAsync();
        await _sharedChecks;
        foreach (var endpoint in _endpoints)
        {
            await endpoint.DisposeAsync();
        }

        Task StopReplicasAsync() => Task.WhenAll(Replicas.Select(replica => replica.StopAsync(hurry)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        foreach (var replica in Replicas)
        {
            await replica.DisposeAsync();
        }

        _stopping.Dispose();
        _waiting.Dispose();
        Scaling.Dispose();
    }

    private ResourceReplica CreateReplica(string suffix, int index) =>
        new(Resource, index, suffix, _restartPolicy, _endpoints, _run, OnReadyChangedAsync);

    private async Task StartWantedAsync(CancellationToken waitNoLonger)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        do
        {
            await PrepareAndStartAsync(waitNoLonger);
        }
        while (IsMoreWanted());
    }

    // More may have been asked for while processes were being started.
    private bool IsMoreWanted()
    {
        lock (_gate)
        {
            return _isStarting = _wanted.Count > 0;
        }
    }

    private async Task PrepareAndStartAsync(CancellationToken waitNoLonger)
    {
        try
        {
            await PrepareAsync(waitNoLonger);
            await Task.WhenAll(TakeWanted().Select(replica => replica.StartAsync()));
            await ShowUnwantedAsync();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            await Task.WhenAll(TakeWanted().Select(replica => replica.PublishStateAsync(KnownResourceStates.NotStarted)));
        }
#pragma warning disable CA1031 // Handlers of the model's events run here: whatever they throw, this resource fails and the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotStarted(_run.Loggers.GetLogger(Resource), Resource.Name, exception.Message);
            await Task.WhenAll(TakeWanted().Select(replica => replica.FailAsync(exception.Message)));
        }
    }

    private async Task PrepareAsync(CancellationToken waitNoLonger)
    {
        lock (_gate)
        {
            // Started again as a whole it becomes ready again.
            _isAnnounced &= Replicas.Any(replica => !replica.Status.IsAtRest);
        }

        await _run.PublishConnectionStringsAsync(Resource, _stopping.Token);
        await _run.PublishToHierarchyAsync(Resource, resource => new BeforeResourceStartedEvent(resource, _run.Services), _stopping.Token);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waitNoLonger, _stopping.Token);
        try
        {
            await _run.Notifications.WaitForDependenciesAsync(Resource, either.Token);
        }
        catch (OperationCanceledException) when (waitNoLonger.IsCancellationRequested)
        {
            // Somebody said that it is to start now.
        }

        _stopping.Token.ThrowIfCancellationRequested();
        foreach (var endpoint in _endpoints.Where(endpoint => endpoint.HasProxy || Replicas.All(replica => replica.Status.IsAtRest)))
        {
            // Without a proxy the first replica has the port, and a further one has another.
            endpoint.Open(_run.Time);
        }

        if (_sharedKeys.Count > 0 && _sharedChecks.IsCompleted)
        {
            await SetSharedReportsAsync(SharedChecksMonitor.NotCheckedYet(_sharedKeys));
            _sharedChecks =
                new SharedChecksMonitor(_sharedKeys, _run.HealthChecks, _run.Time, SetSharedReportsAsync).RunAsync(_stopping.Token);
        }
    }

    private Task SetSharedReportsAsync(ImmutableArray<HealthReportSnapshot> reports) =>
        Task.WhenAll(Replicas.Select(replica => replica.SetSharedReportsAsync(reports)));

    private ResourceReplica[] TakeWanted()
    {
        lock (_gate)
        {
            ResourceReplica[] wanted = [.. _wanted];
            _wanted.Clear();
            return wanted;
        }
    }

    // The wait is shown on the resource, so also on replicas that were not meant to be started.
    private Task ShowUnwantedAsync() => Task.WhenAll(Replicas
        .Where(replica => replica.Status.State == ReplicaState.NotStarted)
        .Select(replica => replica.PublishStateAsync(KnownResourceStates.NotStarted)));

    private Task OnReadyChangedAsync(ResourceReplica replica)
    {
        lock (_gate)
        {
            if (_isAnnounced || !Replicas.All(each => each.IsReady))
            {
                return Task.CompletedTask;
            }

            _isAnnounced = true;
        }

        // The handlers may take their time; health goes on meanwhile.
        _ = ReadyEvents.PublishAsync(Resource, _run, _stopping.Token);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Resource '{Resource}' is not started: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string resource, string reason);
}
