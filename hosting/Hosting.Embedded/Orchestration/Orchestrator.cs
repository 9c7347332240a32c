using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Replicas;
using Aspire.Hosting.Orchestration.Resources;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Runs the model: names replicas, allocates endpoints, starts projects and executables in the order of their dependencies, keeps them
/// alive, and stops them, dependants first. A run that cannot work is refused before anything is started.
/// </summary>
internal sealed partial class Orchestrator(
    RunServices run,
    EndpointAllocator endpoints,
    Random random,
    ILogger<Orchestrator> logger) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly List<ResourceRunner> _runners = [];
    private Task _background = Task.CompletedTask;
    private Task? _stop;
    private int _isDisposed;

    /// <summary>Returns when the start is under way: every endpoint has its address, nothing is waited for.</summary>
    /// <exception cref="DistributedApplicationException">The model cannot be run.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        RefuseContainers();
        try
        {
            Allocate();
            await AnnounceAsync(cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        var automatic = _runners.Where(runner => !runner.Resource.HasAnnotationOfType<ExplicitStartupAnnotation>());
        var starts = automatic.Select(runner => runner.StartAsync(runner.Replicas)).ToArray();
        IResource[] others = [.. run.Model.Resources.Where(resource => !resource.IsProcess() && resource is not IResourceWithoutLifetime)];
        _background = Task.WhenAll(
            others.Length == 0 ? Task.CompletedTask : new OtherResources(others, run).RunAsync(_stopping.Token),
            AnnounceCreatedAsync(starts));
    }

    /// <summary>Stops everything, dependants first. Further calls wait for the same stop.</summary>
    /// <param name="cancellationToken">Ends the grace that processes are given.</param>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _stop ??= StopOnceAsync(cancellationToken);
        }
    }

    /// <summary>Starts a replica, or all of them when given the name of a resource.</summary>
    public Task StartAsync(string id, CancellationToken cancellationToken)
    {
        var (runner, replicas) = Find(id);
        return runner.StartAsync(replicas).WaitAsync(cancellationToken);
    }

    /// <summary>Stops a replica, or all of them when given the name of a resource.</summary>
    public Task StopAsync(string id, CancellationToken cancellationToken)
    {
        var (runner, replicas) = Find(id);
        return Task.WhenAll(replicas.Select(replica => runner.StopAsync(replica, CancellationToken.None))).WaitAsync(cancellationToken);
    }

    /// <summary>Adds replicas to a resource or takes some away, the youngest first; at least one stays.</summary>
    /// <param name="id">The resource, or one of its replicas.</param>
    /// <param name="change">How many to add; negative to take away.</param>
    /// <param name="cancellationToken">Gives up the wait for another change of the same resource.</param>
    /// <returns>How many there are now.</returns>
    /// <exception cref="DistributedApplicationException">The resource cannot have so many.</exception>
    public async Task<int> ScaleAsync(string id, int change, CancellationToken cancellationToken)
    {
        var (runner, _) = Find(id);
        await runner.Scaling.WaitAsync(cancellationToken);
        try
        {
            return await new ReplicaScaling(runner, endpoints, random, run).ChangeAsync(change, _stopping.Token);
        }
        finally
        {
            runner.Scaling.Release();
        }
    }

    /// <summary>
    /// Stops everything and gives back what was taken. The container does it twice: as a service of its own and as a hosted one.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        foreach (var runner in _runners)
        {
            await runner.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private void RefuseContainers()
    {
        string[] containers = [.. run.Model.Resources
            .Where(resource => (resource is ContainerResource || resource.IsContainer()) && !resource.IsProcess())
            .Select(resource => $"'{resource.Name}'")];
        if (containers.Length > 0)
        {
            throw new DistributedApplicationException(
                $"{string.Join(", ", containers)} {(containers.Length == 1 ? "is a container" : "are containers")}; the embedded engine runs projects and "
                + "executables only. Use -p:HostingEngine=Aspire to run containers, or leave them out of the model in run mode.");
        }
    }

    private void Allocate()
    {
        foreach (var resource in run.Model.Resources.Where(resource => resource.IsProcess()))
        {
            var count = resource.GetReplicaCount();
            var suffixes = new HashSet<string>();
            while (suffixes.Count < count)
            {
                suffixes.Add(ReplicaName.CreateSuffix(random));
            }

            resource.Annotations.Add(new ReplicaNamesAnnotation([.. suffixes.Select(suffix => $"{resource.Name}-{suffix}")]));
            LifecycleCommands.AddTo(resource);
            var allocated = endpoints.Allocate(resource, count);
            _runners.Add(new ResourceRunner(resource, [.. suffixes], allocated, RestartPolicyOf(resource), run));
            if (!resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
            {
                foreach (var endpoint in allocated)
                {
                    endpoint.Claim();
                }
            }

            EndpointAllocator.Publish(allocated);
        }
    }

    // Something others wait for to complete is a job. A project that listens is a service; others may come to their end.
    private RestartPolicy RestartPolicyOf(IResource resource)
    {
        var isJob = run.Model.Resources.SelectMany(other => other.Annotations.OfType<WaitAnnotation>())
            .Any(wait => wait.WaitType == WaitType.WaitForCompletion && ReferenceEquals(wait.Resource, resource));
        return isJob ? RestartPolicy.Never
            : resource is not ExecutableResource && resource.HasAnnotationOfType<EndpointAnnotation>() ? RestartPolicy.Always
            : RestartPolicy.OnFailure;
    }

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in run.Model.Resources)
        {
            var urls = await ResourceUrls.ComputeAsync(resource, run.ExecutionContext, run.Loggers.GetLogger(resource), cancellationToken);
            var isNotStarted = resource.IsProcess() && resource.HasAnnotationOfType<ExplicitStartupAnnotation>();
            await run.Notifications.PublishUpdateAsync(resource, snapshot => snapshot with
            {
                Urls = urls.IsEmpty ? snapshot.Urls : urls,
                CreationTimeStamp = snapshot.CreationTimeStamp ?? run.Time.GetUtcNow().UtcDateTime,
                State = isNotStarted ? KnownResourceStates.NotStarted : snapshot.State,
            });
            await run.Eventing.PublishAsync(
                new InitializeResourceEvent(resource, run.Eventing, run.Loggers, run.Notifications, run.Services),
                EventDispatchBehavior.NonBlockingConcurrent,
                _stopping.Token);
        }

        foreach (var runner in _runners)
        {
            await run.Eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(runner.Resource, run.Services), cancellationToken);
        }

#pragma warning disable CS0618 // Deprecated, but there are handlers of it.
        await run.Eventing.PublishAsync(new AfterEndpointsAllocatedEvent(run.Services, run.Model), cancellationToken);
#pragma warning restore CS0618
    }

    private async Task AnnounceCreatedAsync(Task[] starts)
    {
        await Task.WhenAll(starts);
        try
        {
            _stopping.Token.ThrowIfCancellationRequested();
            await run.Eventing.PublishAsync(new AfterResourcesCreatedEvent(run.Services, run.Model), _stopping.Token);
        }
#pragma warning disable CA1031 // A handler of the user's that fails must not end a run that is up.
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogHandlerFailed(logger, exception);
        }
    }

    private async Task StopOnceAsync(CancellationToken hurry)
    {
        await _stopping.CancelAsync();
        var runners = _runners.ToDictionary(runner => runner.Resource);
        await StopOrder.StopAsync(runners.Keys, resource => runners[resource].StopAsync(hurry));
        await _background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private (ResourceRunner Runner, IReadOnlyList<ResourceReplica> Replicas) Find(string id)
    {
        foreach (var runner in _runners)
        {
            if (ResourceNameComparer.Equals(runner.Resource.Name, id))
            {
                return (runner, runner.Replicas);
            }

            if (runner.Replicas.FirstOrDefault(replica => ResourceNameComparer.Equals(replica.Name, id)) is { } one)
            {
                return (runner, [one]);
            }
        }

        throw new DistributedApplicationException($"There is no project or executable '{id}' to start or stop.");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A handler of AfterResourcesCreatedEvent failed.")]
    private static partial void LogHandlerFailed(ILogger logger, Exception exception);
}
