using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using k8s.Models;

namespace Hosting.Istio;

/// <summary>
/// Keeps the mesh folder true while the application runs: the declared rules and a Service per service from the start, and a
/// WorkloadEntry for each replica as long as it is healthy. It reads replicas from the resource notifications, as a dashboard does, so it
/// works on any engine.
/// </summary>
internal sealed class MeshFolderWriter(DistributedApplicationModel model, ResourceNotificationService notifications) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, string> _liveReplicas = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _allLive = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableArray<MeshFolder> _folders = [];
    private Task _watching = Task.CompletedTask;

    /// <summary>Holds a service's readiness back until all of its replicas are in the folder, where whoever waits for it finds them.</summary>
    public void Subscribe(IDistributedApplicationEventing eventing)
    {
        foreach (var service in MeshServices.In(model))
        {
            var allLive = _allLive.GetOrAdd(service.Name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            eventing.Subscribe<ResourceReadyEvent>(service, (_, token) => allLive.Task.WaitAsync(token));
        }
    }

    /// <summary>Begins to follow the replicas.</summary>
    public void Watch()
    {
        _folders = [.. model.Resources.OfType<IstioResource>().Select(mesh => mesh.Folder).OfType<MeshFolder>()];
        _watching = WatchReplicasAsync(_stopping.Token);
    }

    /// <summary>Writes the rules and a Service per service.</summary>
    public void Write(MeshModel declared)
    {
        foreach (var (mesh, rules) in declared.Meshes)
        {
            foreach (var rule in rules)
            {
                var (kind, name) = MeshServices.Identify(rule);
                mesh.Folder!.Write(kind, name, rule);
            }
        }

        foreach (var service in declared.Services)
        {
            WriteAll(V1Service.KubeKind, service.Metadata.Name, service);
        }
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
