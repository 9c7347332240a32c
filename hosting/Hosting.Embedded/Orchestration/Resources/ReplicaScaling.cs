using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Replicas;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>Changes the number of replicas of a running resource, one at a time; the caller sees to it that nobody else does.</summary>
internal sealed class ReplicaScaling(ResourceRunner runner, EndpointAllocator endpoints, Random random, RunServices run)
{
    private const int MaxReplicas = 20;

    private IResource Resource => runner.Resource;

    /// <summary>Adds or takes away replicas and returns how many there are.</summary>
    /// <exception cref="DistributedApplicationException">The resource cannot have so many.</exception>
    public async Task<int> ChangeAsync(int change, CancellationToken stopping)
    {
        var wanted = runner.Replicas.Count + change;
        if (wanted is < 1 or > MaxReplicas)
        {
            throw new DistributedApplicationException(
                $"Resource '{Resource.Name}' has {runner.Replicas.Count} replicas; it can have 1 to {MaxReplicas}.");
        }

        stopping.ThrowIfCancellationRequested();
        while (runner.Replicas.Count < wanted)
        {
            await AddAsync();
        }

        while (runner.Replicas.Count > wanted)
        {
            await RemoveLastAsync();
        }

        // Whether there may be fewer is something that every replica's commands tell.
        await run.Notifications.PublishUpdateAsync(Resource, static snapshot => snapshot);
        return wanted;
    }

    private async Task AddAsync()
    {
        endpoints.AddReplica(Resource, runner.Endpoints);
        var suffixes = runner.Replicas.Select(replica => replica.Name).ToHashSet(ResourceNameComparer.Instance);
        string suffix;
        do
        {
            suffix = ReplicaName.CreateSuffix(random);
        }
        while (suffixes.Contains($"{Resource.Name}-{suffix}"));

        var added = runner.AddReplica(suffix);
        PublishNames();
        run.Notifications.TryGetCurrentState(runner.Replicas[0].Name, out var first);
        await run.Notifications.PublishUpdateAsync(Resource, added.Name, snapshot => snapshot with
        {
            Urls = first?.Snapshot.Urls ?? snapshot.Urls,
            CreationTimeStamp = run.Time.GetUtcNow().UtcDateTime,
            State = KnownResourceStates.NotStarted,

            // The handlers of the resource have been called, or will be for all its replicas.
            ResourceReadyEvent = first?.Snapshot.ResourceReadyEvent,
        });
        await runner.StartAsync([added]);
    }

    private async Task RemoveLastAsync()
    {
        var removed = runner.TakeLastReplica();

        // Its name goes first: whoever waits for all replicas no longer waits for it. Its states are still told, to the last.
        PublishNames();
        await runner.StopAsync(removed, CancellationToken.None);
        await removed.DisposeAsync();
        endpoints.RemoveLastReplica(Resource, runner.Endpoints);
        run.Notifications.Forget(removed.Name);
        run.Loggers.Complete(removed.Name);
    }

    private void PublishNames()
    {
        Resource.ReplaceAnnotation(new ReplicaNamesAnnotation([.. runner.Replicas.Select(replica => replica.Name)]));
        Resource.ReplaceAnnotation(new ReplicaAnnotation(runner.Replicas.Count));
    }
}
