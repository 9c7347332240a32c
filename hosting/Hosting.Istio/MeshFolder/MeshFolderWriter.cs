using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;

namespace Hosting.Istio;

/// <summary>
/// Keeps the mesh folder true while the application runs: the declared rules and a Service per service from the start, and a
/// WorkloadEntry for each replica as long as it is healthy. It reads replicas from the resource notifications, as a dashboard does, so it
/// works on any engine.
/// </summary>
internal sealed class MeshFolderWriter(DistributedApplicationModel model, ResourceNotificationService notifications)
    : IDistributedApplicationEventingSubscriber, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, string> _liveReplicas = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _allLive = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableArray<MeshFolder> _folders = [];
    private Task _watching = Task.CompletedTask;

    public Task SubscribeAsync(
        IDistributedApplicationEventing eventing, DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        eventing.Subscribe<BeforeStartEvent>((_, _) =>
        {
            WriteRulesAndServices();
            _watching = WatchReplicasAsync(_stopping.Token);
            return Task.CompletedTask;
        });

        foreach (var service in MeshServices.In(model))
        {
            // Whoever waits for the service finds all of its replicas in the folder: a resource is not ready before its subscribers are done.
            var allLive = _allLive.GetOrAdd(service.Name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            eventing.Subscribe<ResourceReadyEvent>(service, (_, token) => allLive.Task.WaitAsync(token));
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        foreach (var folder in _folders)
        {
            folder.Dispose();
        }

        _stopping.Dispose();
    }

    private void WriteRulesAndServices()
    {
        var meshes = model.Resources.OfType<IstioResource>().Where(mesh => mesh.Folder is not null).ToList();
        _folders = [.. meshes.Select(mesh => mesh.Folder!)];
        foreach (var mesh in meshes)
        {
            foreach (var rule in mesh.Rules)
            {
                var (kind, name) = MeshServices.Identify(rule);
                mesh.Folder!.Write(kind, name, rule);
            }
        }

        foreach (var service in MeshServices.WithService(model))
        {
            WriteAll("Service", service.Name, MeshServices.ServiceFor(service));
        }
    }

    private async Task WatchReplicasAsync(CancellationToken cancellationToken)
    {
        var services = MeshServices.In(model).ToHashSet<IResource>();
        try
        {
            await foreach (var replica in notifications.WatchAsync(cancellationToken))
            {
                if (services.Contains(replica.Resource))
                {
                    Apply(replica);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private void Apply(ResourceEvent replica)
    {
        if (MeshServices.WorkloadEntryFor(replica) is not { } entry)
        {
            _liveReplicas.TryRemove(replica.ResourceId, out _);
            foreach (var folder in _folders)
            {
                folder.Delete("WorkloadEntry", replica.ResourceId);
            }

            return;
        }

        WriteAll("WorkloadEntry", replica.ResourceId, entry);
        _liveReplicas[replica.ResourceId] = replica.Resource.Name;
        if (_liveReplicas.Values.Count(name => name == replica.Resource.Name) >= replica.Resource.GetReplicaCount())
        {
            _allLive[replica.Resource.Name].TrySetResult();
        }
    }

    private void WriteAll(string kind, string name, object resource)
    {
        foreach (var folder in _folders)
        {
            folder.Write(kind, name, resource);
        }
    }
}
