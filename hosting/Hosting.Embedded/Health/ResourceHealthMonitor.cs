using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting;

/// <summary>
/// Checks the health of resources that have no process (external services, connection strings, custom ones) while they run, and
/// publishes <see cref="ResourceReadyEvent" /> when they are healthy for the first time. Processes are the orchestrator's.
/// </summary>
internal sealed class ResourceHealthMonitor : BackgroundService
{
    private static readonly TimeSpan UnhealthyInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HealthyInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Task> _monitored = new(ResourceNameComparer.Instance);
    private readonly ResourceNotificationService _notifications;
    private readonly HealthCheckService _healthChecks;
    private readonly IDistributedApplicationEventing _eventing;
    private readonly IServiceProvider _services;
    private readonly TimeProvider _time;

    public ResourceHealthMonitor(
        ResourceNotificationService notifications,
        HealthCheckService healthChecks,
        IDistributedApplicationEventing eventing,
        IServiceProvider services,
        TimeProvider time)
    {
        _notifications = notifications;
        _healthChecks = healthChecks;
        _eventing = eventing;
        _services = services;
        _time = time;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var @event in _notifications.WatchAsync(stoppingToken))
            {
                if (!ResourceInitializer.IsProcess(@event.Resource) && IsRunning(@event.Snapshot))
                {
                    _ = _monitored.GetOrAdd(
                        @event.ResourceId,
                        static (_, arg) => arg.Self.MonitorAsync(arg.Resource, arg.Token),
                        (Self: this, @event.Resource, Token: stoppingToken));
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(_monitored.Values);
        }
    }

    /// <summary>Runs until the resource does not run any more.</summary>
    private async Task MonitorAsync(IResource resource, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(static c => c.Key).ToHashSet();
            while (_notifications.TryGetCurrentState(resource.Name, out var current) && IsRunning(current.Snapshot))
            {
                var isHealthy = keys.Count == 0 || await CheckAsync(resource, keys, cancellationToken);
                if (isHealthy)
                {
                    await PublishReadyAsync(resource, cancellationToken);
                    if (keys.Count == 0)
                    {
                        break;
                    }
                }

                await Task.Delay(isHealthy ? HealthyInterval : UnhealthyInterval, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
        finally
        {
            _monitored.TryRemove(resource.Name, out _);
        }
    }

    private async Task<bool> CheckAsync(IResource resource, HashSet<string> keys, CancellationToken cancellationToken)
    {
        var report = await _healthChecks.CheckHealthAsync(registration => keys.Contains(registration.Name), cancellationToken);
        var now = _time.GetUtcNow().UtcDateTime;
        ImmutableArray<HealthReportSnapshot> reports =
        [
            .. report.Entries.Select(e => new HealthReportSnapshot(e.Key, e.Value.Status, e.Value.Description, e.Value.Exception?.ToString()) { LastRunAt = now })
        ];
        await _notifications.PublishUpdateAsync(resource, s => s.WithHealthReports(reports));
        return report.Status == HealthStatus.Healthy;
    }

    private async Task PublishReadyAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (_notifications.TryGetCurrentState(resource.Name, out var current) && current.Snapshot.ResourceReadyEvent is not null)
        {
            return;
        }

        var handlers = _eventing.PublishAsync(new ResourceReadyEvent(resource, _services), cancellationToken);
        await _notifications.PublishUpdateAsync(resource, s => s with { ResourceReadyEvent = new EventSnapshot(handlers) });
    }

    private static bool IsRunning(CustomResourceSnapshot snapshot) => ResourceNameComparer.Equals(snapshot.State?.Text, KnownResourceStates.Running);
}

/// <summary>Refuses to start when a resource names a health check that nobody registered.</summary>
internal sealed class HealthCheckRegistrationValidator : IHostedService
{
    private readonly DistributedApplicationModel _model;
    private readonly IOptions<HealthCheckServiceOptions> _options;

    public HealthCheckRegistrationValidator(DistributedApplicationModel model, IOptions<HealthCheckServiceOptions> options)
    {
        _model = model;
        _options = options;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var registered = _options.Value.Registrations.Select(static r => r.Name).ToHashSet();
        foreach (var resource in _model.Resources)
        {
            if (resource.Annotations.OfType<HealthCheckAnnotation>().FirstOrDefault(c => !registered.Contains(c.Key)) is { } missing)
            {
                throw new DistributedApplicationException(
                    $"The health check '{missing.Key}' is not registered and is required for resource '{resource.Name}'; " +
                    "register it with builder.Services.AddHealthChecks().AddCheck(...).");
            }
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
