using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aspire.Hosting.Lifecycle;

/// <summary>Subscribes to events of the application when it starts, before <see cref="ApplicationModel.BeforeStartEvent" />.</summary>
public interface IDistributedApplicationEventingSubscriber
{
    /// <summary>Subscribes.</summary>
    /// <param name="eventing">The events of the application.</param>
    /// <param name="executionContext">Run or publish.</param>
    /// <param name="cancellationToken">Cancelled when the start is given up.</param>
    /// <returns>A task that ends when everything is subscribed.</returns>
    Task SubscribeAsync(
        IDistributedApplicationEventing eventing,
        DistributedApplicationExecutionContext executionContext,
        CancellationToken cancellationToken);
}

/// <summary>Registers event subscribers.</summary>
public static class EventingSubscriberServiceCollectionExtensions
{
    /// <summary>Registers a subscriber.</summary>
    /// <typeparam name="T">The type of the subscriber; created once, from the services.</typeparam>
    /// <param name="services">The services of the application.</param>
    public static void AddEventingSubscriber<T>(this IServiceCollection services) where T : class, IDistributedApplicationEventingSubscriber
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton<IDistributedApplicationEventingSubscriber, T>();
    }

    /// <summary>Registers a subscriber unless one of the same type is registered already.</summary>
    /// <typeparam name="T">The type of the subscriber; created once, from the services.</typeparam>
    /// <param name="services">The services of the application.</param>
    public static void TryAddEventingSubscriber<T>(this IServiceCollection services)
        where T : class, IDistributedApplicationEventingSubscriber
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IDistributedApplicationEventingSubscriber, T>());
    }
}
