using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <content>Waiting for states.</content>
public partial class ResourceNotificationService
{
    /// <summary>Waits until a resource, or one of its replicas, is in a state.</summary>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="targetState">The state; <see cref="KnownResourceStates.Running" /> by default.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends with the wait.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended; the message tells the last known state.</exception>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(
            resourceName,
            [string.IsNullOrEmpty(targetState) ? KnownResourceStates.Running : targetState],
            cancellationToken);

    /// <summary>Waits until a resource, or one of its replicas, is in one of several states.</summary>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="targetStates">The states.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state it is in.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended; the message tells the last known state.</exception>
    public async Task<string> WaitForResourceAsync(
        string resourceName,
        IEnumerable<string> targetStates,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(targetStates);
        var states = targetStates.ToArray();
        var @event = await WaitAsync(
            resourceName,
            e => states.Contains(e.Snapshot.State?.Text, ResourceNameComparer.Instance),
            $"reach one of the target states [{string.Join(", ", states)}]",
            cancellationToken);
        return @event.Snapshot.State!.Text;
    }

    /// <summary>Waits until a snapshot of a resource, or of one of its replicas, meets a condition.</summary>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="predicate">The condition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The snapshot that met the condition.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended; the message tells the last known state.</exception>
    public Task<ResourceEvent> WaitForResourceAsync(
        string resourceName,
        Func<ResourceEvent, bool> predicate,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return WaitAsync(resourceName, predicate, "meet the predicate condition", cancellationToken);
    }

    /// <summary>
    /// Waits until a resource runs, is healthy and its <see cref="ResourceReadyEvent" /> has been handled. Of a resource with
    /// replicas every one has to, so that a request sent afterwards works whichever replica gets it.
    /// </summary>
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The last snapshot.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended; the message tells the last known state.</exception>
    /// <exception cref="DistributedApplicationException">
    /// The resource cannot become healthy: it ended, or there is no such resource.
    /// </exception>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, _defaultWaitBehavior, cancellationToken);

    /// <inheritdoc cref="WaitForResourceHealthyAsync(string, CancellationToken)" />
    /// <param name="resourceName">The name of the resource.</param>
    /// <param name="waitBehavior">Whether a resource that ended ends the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName,
        WaitBehavior waitBehavior,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        if (waitBehavior == WaitBehavior.StopOnResourceUnavailable && IsUnknown(resourceName))
        {
            throw new DistributedApplicationException(
                $"Stopped waiting for resource '{resourceName}' to become healthy because it does not exist in the application model.");
        }

        var stops = waitBehavior == WaitBehavior.StopOnResourceUnavailable;
        while (true)
        {
            var @event = await WaitAsync(
                resourceName,
                e => AllReplicas(e.Resource, IsReady) || (stops && FindReplica(e.Resource, HasEnded) is not null),
                "become healthy",
                cancellationToken);
            if (AllReplicas(@event.Resource, IsReady))
            {
                await ObserveReadyHandlersAsync(@event.Resource, cancellationToken);
                return _current[@event.ResourceId];
            }

            if (FindReplica(@event.Resource, HasEnded) is { } ended)
            {
                throw new DistributedApplicationException(
                    $"Stopped waiting for resource '{resourceName}' to become healthy because it failed to start" +
                    $" (state '{ended.State!.Text}'{ExitCodeText(ended)}).");
            }
        }
    }

    /// <summary>
    /// Waits for everything the resource was declared to wait for, in state <see cref="KnownResourceStates.Waiting" /> meanwhile.
    /// </summary>
    /// <param name="resource">The resource.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when the resource may start.</returns>
    /// <exception cref="DistributedApplicationException">Something it waits for cannot become ready.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended; the message tells the last known state.</exception>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var waits = resource.Annotations.OfType<WaitAnnotation>().Where(static w => w.Resource is not IResourceWithoutLifetime).ToArray();
        if (waits.Length == 0)
        {
            return;
        }

        await PublishUpdateAsync(resource, static s => s.State?.Text is null or "NotStarted" or "Starting"
            ? s with { State = KnownResourceStates.Waiting }
            : s);
        await Task.WhenAll(waits.Select(wait => WaitForDependencyAsync(resource, wait, cancellationToken)));
    }

    private async Task WaitForDependencyAsync(IResource resource, WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var dependency = wait.Resource;
        var stops = wait.WaitType == WaitType.WaitForCompletion
            || (wait.WaitBehavior ?? _defaultWaitBehavior) == WaitBehavior.StopOnResourceUnavailable;
        Func<CustomResourceSnapshot, bool> isReached = wait.WaitType switch
        {
            WaitType.WaitUntilHealthy => IsReady,
            WaitType.WaitUntilStarted => IsRunning,
            WaitType.WaitForCompletion => HasCompleted,
            _ => throw new InvalidOperationException($"Unknown wait type '{wait.WaitType}'.")
        };
        var log = _resourceLoggers.GetLogger(resource);
        var goal = Describe(wait.WaitType);
        LogWaiting(log, dependency.Name, goal);
        Func<CustomResourceSnapshot, bool> hasFailed = snapshot => stops && FindFailure(wait, snapshot) is not null;
        do
        {
            await WaitAsync(
                dependency.Name,
                e => AllReplicas(e.Resource, isReached) || FindReplica(e.Resource, hasFailed) is not null,
                goal,
                cancellationToken);
            if (FindReplica(dependency, hasFailed) is { } failed)
            {
                var message = $"Resource '{resource.Name}' stopped waiting for dependency resource '{dependency.Name}' " +
                    $"because it {FindFailure(wait, failed)}.";
                LogFailedDependency(log, message);
                throw new DistributedApplicationException(message);
            }
        }
        while (!AllReplicas(dependency, isReached));

        if (wait.WaitType == WaitType.WaitUntilHealthy)
        {
            await ObserveReadyHandlersAsync(dependency, cancellationToken);
        }

        LogWaited(log, dependency.Name);
    }

    private static string? FindFailure(WaitAnnotation wait, CustomResourceSnapshot snapshot)
    {
        var state = snapshot.State?.Text;
        if (ResourceNameComparer.Equals(state, KnownResourceStates.FailedToStart))
        {
            return "failed to start";
        }

        if (wait.WaitType == WaitType.WaitForCompletion)
        {
            return HasCompleted(snapshot) && snapshot.ExitCode is { } code && code != wait.ExitCode
                ? string.Create(CultureInfo.InvariantCulture, $"entered the '{state}' state with exit code '{code}', expected " +
                    $"'{wait.ExitCode}'")
                : null;
        }

        return HasEnded(snapshot) ? $"entered the '{state}' state prematurely" : null;
    }

    private async Task<ResourceEvent> WaitAsync(
        string resourceName,
        Func<ResourceEvent, bool> predicate,
        string goal,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resourceName);
        try
        {
            await foreach (var @event in WatchAsync(cancellationToken))
            {
                if (ResourceNameComparer.Equals(@event.Resource.Name, resourceName) && predicate(@event))
                {
                    return @event;
                }
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new OperationCanceledException(DescribeCancelledWait(resourceName, goal), exception, exception.CancellationToken);
        }

        throw new OperationCanceledException(DescribeCancelledWait(resourceName, goal));
    }

    private bool AllReplicas(IResource resource, Func<CustomResourceSnapshot, bool> condition) =>
        resource.GetResourceIds().All(id => _current.TryGetValue(id, out var e) && condition(e.Snapshot));

    private CustomResourceSnapshot? FindReplica(IResource resource, Func<CustomResourceSnapshot, bool> condition) =>
        resource.GetResourceIds()
            .Select(id => _current.TryGetValue(id, out var e) ? e.Snapshot : null)
            .FirstOrDefault(snapshot => snapshot is not null && condition(snapshot));

    private async Task ObserveReadyHandlersAsync(IResource resource, CancellationToken cancellationToken)
    {
        foreach (var id in resource.GetResourceIds())
        {
            if (_current.TryGetValue(id, out var e) && e.Snapshot.ResourceReadyEvent is { } ready)
            {
                await ready.EventTask.WaitAsync(cancellationToken);
            }
        }
    }

    private bool IsUnknown(string resourceName) =>
        _services.GetService<DistributedApplicationModel>() is { } model
        && !model.Resources.Any(r => ResourceNameComparer.Equals(r.Name, resourceName))
        && !TryGetCurrentState(resourceName, out _);

    private static bool IsRunning(CustomResourceSnapshot snapshot) =>
        ResourceNameComparer.Equals(snapshot.State?.Text, KnownResourceStates.Running);

    private static bool IsReady(CustomResourceSnapshot snapshot) =>
        snapshot.HealthStatus == HealthStatus.Healthy && snapshot.ResourceReadyEvent is not null;

    private static bool HasCompleted(CustomResourceSnapshot snapshot) =>
        KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text, ResourceNameComparer.Instance) || snapshot.ExitCode is not null;

    private static bool HasEnded(CustomResourceSnapshot snapshot) =>
        KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text, ResourceNameComparer.Instance)
        || ResourceNameComparer.Equals(snapshot.State?.Text, KnownResourceStates.RuntimeUnhealthy)
        || snapshot.State?.Text == nameof(Orchestration.Replicas.ReplicaState.CrashLoopBackOff);

    private static string Describe(WaitType type) => type switch
    {
        WaitType.WaitUntilHealthy => "become healthy",
        WaitType.WaitUntilStarted => "start",
        _ => "complete"
    };

    private static string ExitCodeText(CustomResourceSnapshot snapshot) =>
        snapshot.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $", exit code {code}") : "";

    private string DescribeCancelledWait(string resourceName, string goal)
    {
        var text = new StringBuilder($"Resource '{resourceName}' failed to {goal} before the operation was cancelled.");
        var known = _current.Values.Where(e => ResourceNameComparer.Equals(e.Resource.Name, resourceName)).ToArray();
        if (known.Length == 0)
        {
            return text.Append(" Nothing is known of its state.").ToString();
        }

        foreach (var (snapshot, id) in known.Select(static e => (e.Snapshot, e.ResourceId)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Environment.NewLine}- {id}: " +
                $"{snapshot.State?.Text ?? "no state"}{ExitCodeText(snapshot)}");
            text.Append(snapshot.HealthStatus is { } health ? $", {health}" : "");
            foreach (var report in snapshot.HealthReports)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Environment.NewLine}  - {report.Name}: " +
                    $"{report.Status?.ToString() ?? "not checked yet"}");
                text.Append(report.Description is { Length: > 0 } description ? $" ({description})" : "");
            }
        }

        return text.ToString();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for resource '{Dependency}' to {Goal}.")]
    private static partial void LogWaiting(ILogger logger, string dependency, string goal);

    [LoggerMessage(Level = LogLevel.Information, Message = "Finished waiting for resource '{Dependency}'.")]
    private static partial void LogWaited(ILogger logger, string dependency);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Message}")]
    private static partial void LogFailedDependency(ILogger logger, string message);
}
