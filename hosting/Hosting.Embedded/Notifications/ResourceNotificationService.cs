using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// The states of the resources: publishes snapshots, one per replica, and waits for them. A resource with replicas publishes under
/// the names of the replicas, any other under its own name.
/// </summary>
public partial class ResourceNotificationService : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, ResourceEvent> _current = new(ResourceNameComparer.Instance);
    private readonly List<ChannelWriter<ResourceEvent>> _watchers = [];
    private readonly CancellationTokenSource _disposing = new();
    private readonly ILogger<ResourceNotificationService> _logger;
    private readonly IServiceProvider _services;
    private readonly ResourceLoggerService _resourceLoggers;
    private readonly WaitBehavior _defaultWaitBehavior;

    /// <summary>Creates the service; the application does it.</summary>
    /// <param name="logger">The log of the service.</param>
    /// <param name="hostApplicationLifetime">Not used.</param>
    /// <param name="serviceProvider">The services of the application.</param>
    /// <param name="resourceLoggerService">The logs of the resources.</param>
    public ResourceNotificationService(
        ILogger<ResourceNotificationService> logger,
        IHostApplicationLifetime hostApplicationLifetime,
        IServiceProvider serviceProvider,
        ResourceLoggerService resourceLoggerService)
    {
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentNullException.ThrowIfNull(hostApplicationLifetime);
        ArgumentNullException.ThrowIfNull(serviceProvider);
        ArgumentNullException.ThrowIfNull(resourceLoggerService);
        _logger = logger;
        _services = serviceProvider;
        _resourceLoggers = resourceLoggerService;
        _defaultWaitBehavior = serviceProvider.GetService<IOptions<ResourceNotificationServiceOptions>>()?.Value.DefaultWaitBehavior
            ?? WaitBehavior.StopOnResourceUnavailable;
    }

    /// <summary>Publishes a new snapshot of a resource, of each of its replicas when it has several.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="stateFactory">Makes the new snapshot from the last one.</param>
    /// <returns>A completed task.</returns>
    public async Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        foreach (var id in resource.GetResourceIds())
        {
            await PublishUpdateAsync(resource, id, stateFactory);
        }
    }

    /// <summary>Publishes a new snapshot of one replica.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="resourceId">The name of the replica, or of the resource when it has only one.</param>
    /// <param name="stateFactory">Makes the new snapshot from the last one.</param>
    /// <returns>A completed task.</returns>
    /// <exception cref="InvalidOperationException">The id belongs to another resource.</exception>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(resourceId);
        ArgumentNullException.ThrowIfNull(stateFactory);
        lock (_lock)
        {
            var known = _current.TryGetValue(resourceId, out var last);
            if (known && !ReferenceEquals(last!.Resource, resource))
            {
                throw new InvalidOperationException(
                    $"The id '{resourceId}' cannot be used by resource '{resource.Name}' because resource '{last.Resource.Name}' " +
                        "publishes under it.");
            }

            var previous = last?.Snapshot ?? InitialSnapshot(resource);
            var next = WithIcon(resource, WithCommands(resource, stateFactory(previous)));
            if (known && next == previous)
            {
                return Task.CompletedTask;
            }

            LogStateChange(previous, next, resourceId);
            var @event = new ResourceEvent(resource, resourceId, next);
            _current[resourceId] = @event;
            foreach (var watcher in _watchers)
            {
                watcher.TryWrite(@event);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Forgets a replica that is gone for good. Whoever watches has seen its end.</summary>
    internal void Forget(string resourceId) => _current.TryRemove(resourceId, out _);

    /// <summary>Finds the last snapshot of a resource or replica.</summary>
    /// <param name="resourceId">The name of a replica, or of a resource that has only one.</param>
    /// <param name="resourceEvent">The snapshot, when there is one.</param>
    /// <returns>Whether there is exactly one.</returns>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        ArgumentNullException.ThrowIfNull(resourceId);
        if (_current.TryGetValue(resourceId, out resourceEvent))
        {
            return true;
        }

        var replicas = _current.Values.Where(e => ResourceNameComparer.Equals(e.Resource.Name, resourceId)).Take(2).ToArray();
        resourceEvent = replicas.Length == 1 ? replicas[0] : null;
        return resourceEvent is not null;
    }

    /// <summary>The last snapshot of every resource and replica, then each new one.</summary>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The snapshots, without end.</returns>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        var channel = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true });
        ResourceEvent[] current;
        lock (_lock)
        {
            current = [.. _current.Values];
            _watchers.Add(channel.Writer);
        }

        try
        {
            foreach (var @event in current)
            {
                yield return @event;
            }

            await foreach (var @event in channel.Reader.ReadAllAsync(linked.Token))
            {
                yield return @event;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(channel.Writer);
            }
        }
    }

    /// <summary>Ends all waits.</summary>
    public void Dispose()
    {
        _disposing.Cancel();
        GC.SuppressFinalize(this);
    }

    private static CustomResourceSnapshot InitialSnapshot(IResource resource)
    {
        if (resource.TryGetLastAnnotation<ResourceSnapshotAnnotation>(out var initial))
        {
            return initial.InitialSnapshot;
        }

        return new CustomResourceSnapshot
        {
            ResourceType = ResourceTypeOf(resource),
            Properties = [],
            Relationships = [.. resource.Annotations.OfType<ResourceRelationshipAnnotation>()
                .Select(static r => new RelationshipSnapshot(r.Resource.Name, r.Type)).Distinct()]
        };
    }

    private static string ResourceTypeOf(IResource resource) => resource switch
    {
        ProjectResource => "Project",
        ContainerResource => "Container",
        ExecutableResource => "Executable",
        ParameterResource => "Parameter",
        _ => resource.GetType().Name is var name && name.EndsWith("Resource", StringComparison.Ordinal) && name.Length > "Resource".Length
            ? name[..^"Resource".Length]
            : name
    };

    private CustomResourceSnapshot WithCommands(IResource resource, CustomResourceSnapshot snapshot)
    {
        var commands = snapshot.Commands.IsDefault ? [] : snapshot.Commands;
        foreach (var annotation in resource.Annotations.OfType<ResourceCommandAnnotation>())
        {
            var state = annotation.UpdateState(new UpdateCommandStateContext { ResourceSnapshot = snapshot, Services = _services });
            var existing = commands.FirstOrDefault(c => c.Name == annotation.Name);
            if (existing is null)
            {
                commands = commands.Add(annotation.ToSnapshot(state));
            }
            else if (existing.State != state)
            {
                commands = commands.Replace(existing, existing with { State = state });
            }
        }

        // Records compare immutable arrays by reference, so an unchanged list must stay the same list.
        return commands == snapshot.Commands ? snapshot : snapshot with { Commands = commands };
    }

    private static CustomResourceSnapshot WithIcon(IResource resource, CustomResourceSnapshot snapshot) =>
        resource.TryGetLastAnnotation<ResourceIconAnnotation>(out var icon) && string.IsNullOrEmpty(snapshot.IconName)
            ? snapshot with { IconName = icon.IconName, IconVariant = snapshot.IconVariant ?? icon.IconVariant }
            : snapshot;

    private void LogStateChange(CustomResourceSnapshot previous, CustomResourceSnapshot next, string resourceId)
    {
        if (next.State is { } state && !ResourceNameComparer.Equals(previous.State?.Text, state.Text))
        {
            LogStateChange(_logger, resourceId, previous.State?.Text ?? "(none)", state.Text);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Resource {ResourceId}: {PreviousState} -> {State}")]
    private static partial void LogStateChange(ILogger logger, string resourceId, string previousState, string state);
}

/// <summary>A snapshot of a resource or replica.</summary>
public class ResourceEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="resourceId">The name of the replica, or of the resource when it has only one.</param>
    /// <param name="snapshot">What is known of it.</param>
    public ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
    {
        Resource = resource;
        ResourceId = resourceId;
        Snapshot = snapshot;
    }

    /// <summary>The resource.</summary>
    public IResource Resource { get; }

    /// <summary>The name of the replica, or of the resource when it has only one.</summary>
    public string ResourceId { get; }

    /// <summary>What is known of it.</summary>
    public CustomResourceSnapshot Snapshot { get; }
}

/// <summary>Options of <see cref="ResourceNotificationService" />.</summary>
public sealed class ResourceNotificationServiceOptions
{
    /// <summary>
    /// What those that wait for a resource do when it cannot become ready. Without a dashboard it is
    /// <see cref="WaitBehavior.StopOnResourceUnavailable" />, with one <see cref="WaitBehavior.WaitOnResourceUnavailable" />.
    /// </summary>
    public WaitBehavior DefaultWaitBehavior { get; set; }
}

/// <summary>The first snapshot of a resource.</summary>
public class ResourceSnapshotAnnotation : IResourceAnnotation
{
    /// <summary>Declares the first snapshot.</summary>
    /// <param name="initialSnapshot">The snapshot.</param>
    public ResourceSnapshotAnnotation(CustomResourceSnapshot initialSnapshot)
    {
        ArgumentNullException.ThrowIfNull(initialSnapshot);
        InitialSnapshot = initialSnapshot;
    }

    /// <summary>The snapshot.</summary>
    public CustomResourceSnapshot InitialSnapshot { get; }
}
