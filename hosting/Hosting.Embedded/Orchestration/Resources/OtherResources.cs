using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Health;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>
/// Follows the resources that are not processes. They publish their states themselves; when one runs, its health checks are made and it
/// becomes ready.
/// </summary>
internal sealed class OtherResources(IReadOnlyList<IResource> resources, RunServices run)
{
    private readonly Dictionary<IResource, CancellationTokenSource> _watched = [];

    /// <summary>Follows until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var @event in run.Notifications.WatchAsync(cancellationToken))
            {
                Follow(@event, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
        finally
        {
            foreach (var watch in _watched.Values)
            {
                await watch.CancelAsync();
                watch.Dispose();
            }
        }
    }

    private void Follow(ResourceEvent @event, CancellationToken cancellationToken)
    {
        var state = @event.Snapshot.State?.Text;
        if (!resources.Contains(@event.Resource))
        {
            return;
        }

        if (ResourceNameComparer.Equals(state, KnownResourceStates.Running) && !_watched.ContainsKey(@event.Resource))
        {
            var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _watched.Add(@event.Resource, watch);
            _ = WatchAsync(@event.Resource, watch.Token);
        }
        else if (KnownResourceStates.TerminalStates.Contains(state, ResourceNameComparer.Instance)
            && _watched.Remove(@event.Resource, out var watch))
        {
            watch.Cancel();
            watch.Dispose();
        }
    }

    private async Task WatchAsync(IResource resource, CancellationToken cancellationToken)
    {
        var keys = resource.TryGetAnnotationsIncludingAncestorsOfType<HealthCheckAnnotation>(out var checks)
            ? checks.Select(check => check.Key).Distinct().ToArray()
            : [];
        if (keys.Length == 0)
        {
            await ReadyEvents.PublishAsync(resource, run, cancellationToken);
            return;
        }

        var isAnnounced = false;
        await PublishAsync(SharedChecksMonitor.NotCheckedYet(keys));
        await new SharedChecksMonitor(keys, run.HealthChecks, run.Time, PublishAsync).RunAsync(cancellationToken);

        async Task PublishAsync(ImmutableArray<HealthReportSnapshot> reports)
        {
            await run.Notifications.PublishUpdateAsync(resource, snapshot => snapshot with { HealthReports = reports });
            if (!isAnnounced && reports.All(report => report.Status == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy))
            {
                isAnnounced = true;
                _ = ReadyEvents.PublishAsync(resource, run, cancellationToken);
            }
        }
    }
}
