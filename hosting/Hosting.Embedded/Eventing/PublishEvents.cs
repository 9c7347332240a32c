using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Publishing;

/// <summary>Published once, before anything is written.</summary>
public sealed class BeforePublishEvent : IDistributedApplicationEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="model">The model.</param>
    public BeforePublishEvent(IServiceProvider services, DistributedApplicationModel model)
    {
        Services = services;
        Model = model;
    }

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services { get; }

    /// <summary>The model.</summary>
    public DistributedApplicationModel Model { get; }
}

/// <summary>Published once, after everything has been written.</summary>
public sealed class AfterPublishEvent : IDistributedApplicationEvent
{
    /// <summary>Creates the event.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="model">The model.</param>
    public AfterPublishEvent(IServiceProvider services, DistributedApplicationModel model)
    {
        Services = services;
        Model = model;
    }

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services { get; }

    /// <summary>The model.</summary>
    public DistributedApplicationModel Model { get; }
}
