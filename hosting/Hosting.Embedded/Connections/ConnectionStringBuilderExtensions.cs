using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Adds connection strings that are made of other resources.</summary>
public static partial class ConnectionStringBuilderExtensions
{
    /// <summary>Adds a connection string. It waits for the start of the resources it is made of.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="connectionStringExpression">The connection string.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        ReferenceExpression connectionStringExpression)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var resource = new ConnectionStringResource(name, connectionStringExpression);
        var connection = builder.AddResource(resource);
        foreach (var referenced in ReferencedResources(connectionStringExpression))
        {
            connection.WithAnnotation(new WaitAnnotation(referenced, WaitType.WaitUntilStarted));
        }

        return connection
            .WithReferenceRelationship(connectionStringExpression)
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "ConnectionString",
                State = KnownResourceStates.NotStarted,
                Properties = []
            })
            .OnInitializeResource(InitializeAsync);
    }

    /// <summary>Adds a connection string. It waits for the start of the resources it is made of.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="connectionStringBuilder">Builds the connection string.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        Action<ReferenceExpressionBuilder> connectionStringBuilder)
    {
        ArgumentNullException.ThrowIfNull(connectionStringBuilder);
        var expression = new ReferenceExpressionBuilder();
        connectionStringBuilder(expression);
        return builder.AddConnectionString(name, expression.Build());
    }

    private static IEnumerable<IResource> ReferencedResources(ReferenceExpression expression) => expression.ValueProviders
        .SelectMany(static value => value switch
        {
            IResource resource => [resource],
            IValueWithReferences withReferences => withReferences.References.SelectMany(static r => r switch
            {
                IResource resource => new[] { resource },
                EndpointReference endpoint => [endpoint.Resource],
                _ => []
            }),
            _ => []
        })
        .Where(static r => r is not IResourceWithoutLifetime)
        .Distinct();

    private static async Task InitializeAsync(
        ConnectionStringResource resource,
        InitializeResourceEvent @event,
        CancellationToken cancellationToken)
    {
        try
        {
            await @event.Eventing.PublishAsync(new BeforeResourceStartedEvent(resource, @event.Services), cancellationToken);
            await @event.Notifications.PublishUpdateAsync(resource, static s => s with { State = KnownResourceStates.Running });
            await @event.Eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, @event.Services), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(@event.Logger, exception, resource.Name);
            await @event.Notifications.PublishUpdateAsync(resource, static s => s with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error)
            });
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection string '{Name}' is not available.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string name);
}
