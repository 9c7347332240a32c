using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Adds services that are not part of the application.</summary>
public static partial class ExternalServiceBuilderExtensions
{
    /// <summary>Adds an external service.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="url">The absolute URL of the service, without query and fragment.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="ArgumentException">The URL is not absolute, or has a query or a fragment.</exception>
    public static IResourceBuilder<ExternalServiceResource> AddExternalService(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return Uri.TryCreate(url, UriKind.RelativeOrAbsolute, out var uri)
            ? builder.AddExternalService(name, uri)
            : throw new ArgumentException($"The URL '{url}' of external service '{name}' must be absolute.", nameof(url));
    }

    /// <summary>Adds an external service.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="uri">The absolute URL of the service, without query and fragment.</param>
    /// <returns>A builder that configures it.</returns>
    /// <exception cref="ArgumentException">The URL is not absolute, or has a query or a fragment.</exception>
    public static IResourceBuilder<ExternalServiceResource> AddExternalService(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        Uri uri) => Add(builder, new ExternalServiceResource(name, uri));

    /// <summary>Adds an external service whose URL is a parameter.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="urlParameter">The parameter that holds the URL.</param>
    /// <returns>A builder that configures it.</returns>
    public static IResourceBuilder<ExternalServiceResource> AddExternalService(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        IResourceBuilder<ParameterResource> urlParameter)
    {
        ArgumentNullException.ThrowIfNull(urlParameter);
        return Add(builder, new ExternalServiceResource(name, urlParameter.Resource));
    }

    /// <summary>Checks the health of the service with an HTTP request.</summary>
    /// <param name="builder">The external service.</param>
    /// <param name="path">The path to ask for; the service's URL by default.</param>
    /// <param name="statusCode">The status that means healthy, 200 by default.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The path is not a relative URL, or the service is not reached by HTTP.</exception>
    public static IResourceBuilder<ExternalServiceResource> WithHttpHealthCheck(
        this IResourceBuilder<ExternalServiceResource> builder,
        string? path = null,
        int? statusCode = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var service = builder.Resource;
        if (path is not null && !Uri.IsWellFormedUriString(path, UriKind.Relative))
        {
            throw new ArgumentException($"The path '{path}' is not a valid relative URL.", nameof(path));
        }

        if (service.Uri is { Scheme: not ("http" or "https") })
        {
            throw new ArgumentException(
                $"The URL '{service.Uri}' for external service '{service.Name}' cannot be used for HTTP health checks because it has a " +
                    "non-HTTP scheme.",
                nameof(builder));
        }

        var expected = statusCode ?? 200;
        var key = $"{service.Name}_external{(path is null ? "" : $"_{path}")}_{expected}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key,
            services => new HttpHealthCheck(
                services.GetRequiredService<IHttpClientFactory>(),
                key,
                async cancellationToken =>
                {
                    var uri = await service.GetUriAsync(target: null, cancellationToken);
                    return path is null ? uri : new Uri(uri, path);
                },
                expected),
            failureStatus: null,
            tags: null));
        return builder.WithHealthCheck(key);
    }

    private static IResourceBuilder<ExternalServiceResource> Add(IDistributedApplicationBuilder builder, ExternalServiceResource service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(service)
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "ExternalService",
                State = KnownResourceStates.Waiting,
                Properties = []
            })
            .ExcludeFromManifest()
            .OnInitializeResource(InitializeAsync);
    }

    private static async Task InitializeAsync(
        ExternalServiceResource service,
        InitializeResourceEvent @event,
        CancellationToken cancellationToken)
    {
        try
        {
            var uri = await service.GetUriAsync(target: null, cancellationToken);
            await @event.Eventing.PublishAsync(new BeforeResourceStartedEvent(service, @event.Services), cancellationToken);
            await @event.Notifications.PublishUpdateAsync(service, s => s with
            {
                State = KnownResourceStates.Running,
                Properties = s.Properties.Add(new ResourcePropertySnapshot(CustomResourceKnownProperties.Source, uri.Host)),
                Urls = s.Urls.Add(new UrlSnapshot(Name: null, uri.ToString(), IsInternal: false))
            });
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(@event.Logger, exception, service.Name);
            await @event.Notifications.PublishUpdateAsync(service, static s => s with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error)
            });
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "External service '{Name}' is not available.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string name);
}
