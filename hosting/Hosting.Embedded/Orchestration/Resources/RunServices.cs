using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration.Health;
using Aspire.Hosting.Orchestration.Launch;
using Aspire.Hosting.Orchestration.Priority;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>What the resources of one run have in common.</summary>
internal sealed record RunServices(
    ResourceNotificationService Notifications,
    ResourceLoggerService Loggers,
    IDistributedApplicationEventing Eventing,
    IServiceProvider Services,
    DistributedApplicationExecutionContext ExecutionContext,
    DistributedApplicationModel Model,
    IProcessStarter Starter,
    ProcessSpecFactory Launches,
    HttpProber Http,
    StartPriority Priority,
    HealthCheckService HealthChecks,
    TimeProvider Time)
{
    /// <summary>Publishes an event of a resource and of the resources that belong to it and have no life of their own.</summary>
    public async Task PublishToHierarchyAsync<T>(IResource resource, Func<IResource, T> create, CancellationToken cancellationToken)
        where T : IDistributedApplicationResourceEvent
    {
        await Eventing.PublishAsync(create(resource), cancellationToken);
        foreach (var child in PartsOf(resource))
        {
            await PublishToHierarchyAsync(child, create, cancellationToken);
        }
    }

    /// <summary>Tells that the connection strings of a resource and of those that belong to it can be read.</summary>
    public async Task PublishConnectionStringsAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource is IResourceWithConnectionString)
        {
            await Eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, Services), cancellationToken);
        }

        foreach (var child in PartsOf(resource))
        {
            await PublishConnectionStringsAsync(child, cancellationToken);
        }
    }

    private IEnumerable<IResource> PartsOf(IResource resource) => Model.Resources.Where(child =>
        child is IResourceWithParent { Parent: var parent } && parent == resource && !HasOwnLifetime(child));

    private static bool HasOwnLifetime(IResource resource) =>
        resource is ProjectResource or ExecutableResource or ContainerResource
            or ParameterResource or ExternalServiceResource or ConnectionStringResource
        || resource.IsContainer();
}
