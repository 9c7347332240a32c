using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Published once per resource when the application starts. A custom resource does its own start here and reports its state through
/// <see cref="Notifications" />.
/// </summary>
public class InitializeResourceEvent : IDistributedApplicationResourceEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="distributedApplicationEventing">The events of the application.</param>
    /// <param name="resourceLoggerService">The logs of the resources.</param>
    /// <param name="resourceNotificationService">The states of the resources.</param>
    /// <param name="services">The services of the application.</param>
    public InitializeResourceEvent(
        IResource resource,
        IDistributedApplicationEventing distributedApplicationEventing,
        ResourceLoggerService resourceLoggerService,
        ResourceNotificationService resourceNotificationService,
        IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(resourceLoggerService);
        Resource = resource;
        Eventing = distributedApplicationEventing;
        Logger = resourceLoggerService.GetLogger(resource);
        Notifications = resourceNotificationService;
        Services = services;
    }

    /// <inheritdoc />
    public IResource Resource { get; }

    /// <summary>The events of the application.</summary>
    public IDistributedApplicationEventing Eventing { get; }

    /// <inheritdoc />
    public ILogger Logger { get; }

    /// <summary>The states of the resources.</summary>
    public ResourceNotificationService Notifications { get; }

    /// <inheritdoc />
    public IServiceProvider Services { get; }
}

/// <summary>Published when the connection string of a resource is known.</summary>
public class ConnectionStringAvailableEvent : IDistributedApplicationResourceEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="services">The services of the application.</param>
    public ConnectionStringAvailableEvent(IResource resource, IServiceProvider services)
    {
        Resource = resource;
        Services = services;
    }

    /// <inheritdoc />
    public IResource Resource { get; }

    /// <inheritdoc />
    public IServiceProvider Services { get; }
}

/// <summary>Published before a resource starts, when those it waits for are ready. A handler that fails stops the start.</summary>
public class BeforeResourceStartedEvent : IDistributedApplicationResourceEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="services">The services of the application.</param>
    public BeforeResourceStartedEvent(IResource resource, IServiceProvider services)
    {
        Resource = resource;
        Services = services;
    }

    /// <inheritdoc />
    public IResource Resource { get; }

    /// <inheritdoc />
    public IServiceProvider Services { get; }
}

/// <summary>Published when the endpoints of a resource have addresses.</summary>
public class ResourceEndpointsAllocatedEvent : IDistributedApplicationResourceEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="services">The services of the application.</param>
    public ResourceEndpointsAllocatedEvent(IResource resource, IServiceProvider services)
    {
        Resource = resource;
        Services = services;
    }

    /// <inheritdoc />
    public IResource Resource { get; }

    /// <inheritdoc />
    public IServiceProvider Services { get; }
}

/// <summary>Published when a resource runs and is healthy for the first time. Those that wait for it wait for the handlers, too.</summary>
public class ResourceReadyEvent : IDistributedApplicationResourceEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="services">The services of the application.</param>
    public ResourceReadyEvent(IResource resource, IServiceProvider services)
    {
        Resource = resource;
        Services = services;
    }

    /// <inheritdoc />
    public IResource Resource { get; }

    /// <inheritdoc />
    public IServiceProvider Services { get; }
}

/// <summary>Published when a resource has stopped, whatever the reason.</summary>
public class ResourceStoppedEvent : IDistributedApplicationResourceEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="services">The services of the application.</param>
    /// <param name="resourceEvent">The last state, with the exit code.</param>
    public ResourceStoppedEvent(IResource resource, IServiceProvider services, ResourceEvent resourceEvent)
    {
        Resource = resource;
        Services = services;
        ResourceEvent = resourceEvent;
    }

    /// <inheritdoc />
    public IResource Resource { get; }

    /// <inheritdoc />
    public IServiceProvider Services { get; }

    /// <summary>The last state, with the exit code.</summary>
    public ResourceEvent ResourceEvent { get; }
}
