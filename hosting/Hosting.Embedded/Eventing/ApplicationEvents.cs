using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Published once, after the subscribers have subscribed and before anything starts. The model may still be changed.</summary>
public class BeforeStartEvent : IDistributedApplicationEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="model">The model.</param>
    public BeforeStartEvent(IServiceProvider services, DistributedApplicationModel model)
    {
        Services = services;
        Model = model;
    }

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services { get; }

    /// <summary>The model.</summary>
    public DistributedApplicationModel Model { get; }
}

/// <summary>Published once, when the endpoints of all resources have addresses.</summary>
[Obsolete("The AfterEndpointsAllocatedEvent is deprecated; use ResourceEndpointsAllocatedEvent or BeforeResourceStartedEvent of the " +
    "resource.")]
public class AfterEndpointsAllocatedEvent : IDistributedApplicationEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="model">The model.</param>
    public AfterEndpointsAllocatedEvent(IServiceProvider services, DistributedApplicationModel model)
    {
        Services = services;
        Model = model;
    }

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services { get; }

    /// <summary>The model.</summary>
    public DistributedApplicationModel Model { get; }
}

/// <summary>Published once, when all resources have been created.</summary>
public class AfterResourcesCreatedEvent : IDistributedApplicationEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="model">The model.</param>
    public AfterResourcesCreatedEvent(IServiceProvider services, DistributedApplicationModel model)
    {
        Services = services;
        Model = model;
    }

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services { get; }

    /// <summary>The model.</summary>
    public DistributedApplicationModel Model { get; }
}
