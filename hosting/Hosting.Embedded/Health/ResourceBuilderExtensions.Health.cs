using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <content>Health checks and probes.</content>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Makes the health of the resource depend on a check that is registered in the services of the application.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="key">The name the check is registered under.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">The resource has that check already.</exception>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(key);
        if (builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(check => check.Key == key))
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' already has a health check with key '{key}'.");
        }

        return builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    /// <summary>Makes the health of the resource depend on the answer to an HTTP request.</summary>
    /// <remarks>This engine asks each replica on its own address.</remarks>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path to ask for, <c>/</c> by default.</param>
    /// <param name="statusCode">The status that means healthy, 200 by default.</param>
    /// <param name="endpointName">The endpoint to ask; <c>https</c>, else <c>http</c>, by default.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such endpoint, or the resource has that check already.</exception>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder,
        string? path = null,
        int? statusCode = null,
        string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithHttpHealthCheck(builder.HttpEndpointOf(endpointName, "HTTP health check"), path, statusCode);
    }

    /// <summary>Makes the health of the resource depend on the answer to an HTTP request.</summary>
    /// <remarks>This engine asks each replica on its own address.</remarks>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointSelector">Chooses the endpoint to ask; <see langword="null" /> means <c>https</c>, else <c>http</c>.</param>
    /// <param name="path">The path to ask for, <c>/</c> by default.</param>
    /// <param name="statusCode">The status that means healthy, 200 by default.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such endpoint, or the resource has that check already.</exception>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder,
        Func<EndpointReference>? endpointSelector,
        string? path = null,
        int? statusCode = null)
        where T : IResourceWithEndpoints
    {
        ArgumentNullException.ThrowIfNull(builder);
        var endpoint = builder.SelectHttpEndpoint(endpointSelector, "HTTP health check");
        var requested = path ?? "/";
        var expected = statusCode ?? 200;
        var key = $"{builder.Resource.Name}_{endpoint.EndpointName}_{requested}_{expected}_check";
        builder.WithHealthCheck(key).WithAnnotation(new HttpHealthCheckAnnotation(key, () => endpoint, requested, expected));
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key,
            services => new HttpHealthCheck(
                services.GetRequiredService<IHttpClientFactory>(),
                key,
                _ => ValueTask.FromResult(new Uri(new Uri(endpoint.Url), requested)),
                expected),
            failureStatus: null,
            tags: null));
        return builder;
    }

    /// <summary>Declares a probe, as Kubernetes knows them, that sends an HTTP request; also adds the same check for the run.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="type">What it tells; a second probe of the same type replaces the first.</param>
    /// <param name="path">The path to ask for, <c>/</c> by default.</param>
    /// <param name="initialDelaySeconds">Seconds before the first probe, 5 by default.</param>
    /// <param name="periodSeconds">Seconds from one probe to the next, 5 by default.</param>
    /// <param name="timeoutSeconds">Seconds until a probe counts as failed, 1 by default.</param>
    /// <param name="failureThreshold">Failures in a row until it counts, 3 by default.</param>
    /// <param name="successThreshold">Successes in a row until it counts, 1 by default.</param>
    /// <param name="endpointName">The endpoint to ask; <c>https</c>, else <c>http</c>, by default.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such endpoint, or the resource has that check already.</exception>
    [Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public static IResourceBuilder<T> WithHttpProbe<T>(
        this IResourceBuilder<T> builder,
        ProbeType type,
        string? path = null,
        int? initialDelaySeconds = null,
        int? periodSeconds = null,
        int? timeoutSeconds = null,
        int? failureThreshold = null,
        int? successThreshold = null,
        string? endpointName = null)
        where T : IResourceWithEndpoints, IResourceWithProbes
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithHttpProbe(
            type,
            builder.HttpEndpointOf(endpointName, "HTTP probe"),
            path,
            initialDelaySeconds,
            periodSeconds,
            timeoutSeconds,
            failureThreshold,
            successThreshold);
    }

    /// <summary>Declares a probe, as Kubernetes knows them, that sends an HTTP request; also adds the same check for the run.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="type">What it tells; a second probe of the same type replaces the first.</param>
    /// <param name="endpointSelector">Chooses the endpoint to ask; <see langword="null" /> means <c>https</c>, else <c>http</c>.</param>
    /// <param name="path">The path to ask for, <c>/</c> by default.</param>
    /// <param name="initialDelaySeconds">Seconds before the first probe, 5 by default.</param>
    /// <param name="periodSeconds">Seconds from one probe to the next, 5 by default.</param>
    /// <param name="timeoutSeconds">Seconds until a probe counts as failed, 1 by default.</param>
    /// <param name="failureThreshold">Failures in a row until it counts, 3 by default.</param>
    /// <param name="successThreshold">Successes in a row until it counts, 1 by default.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="DistributedApplicationException">There is no such endpoint, or the resource has that check already.</exception>
    [Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public static IResourceBuilder<T> WithHttpProbe<T>(
        this IResourceBuilder<T> builder,
        ProbeType type,
        Func<EndpointReference>? endpointSelector,
        string? path = null,
        int? initialDelaySeconds = null,
        int? periodSeconds = null,
        int? timeoutSeconds = null,
        int? failureThreshold = null,
        int? successThreshold = null)
        where T : IResourceWithEndpoints, IResourceWithProbes
    {
        ArgumentNullException.ThrowIfNull(builder);
        var endpoint = builder.SelectHttpEndpoint(endpointSelector, "HTTP probe");
        var defaults = new EndpointProbeAnnotation { Type = type, EndpointReference = endpoint, Path = path ?? "/" };
        var probe = new EndpointProbeAnnotation
        {
            Type = type,
            EndpointReference = endpoint,
            Path = defaults.Path,
            InitialDelaySeconds = initialDelaySeconds ?? defaults.InitialDelaySeconds,
            PeriodSeconds = periodSeconds ?? defaults.PeriodSeconds,
            TimeoutSeconds = timeoutSeconds ?? defaults.TimeoutSeconds,
            FailureThreshold = failureThreshold ?? defaults.FailureThreshold,
            SuccessThreshold = successThreshold ?? defaults.SuccessThreshold
        };
        foreach (var existing in builder.Resource.Annotations.OfType<ProbeAnnotation>().Where(p => p.Type == type).ToArray())
        {
            builder.Resource.Annotations.Remove(existing);
        }

        return builder.WithAnnotation(probe).WithHttpHealthCheck(() => endpoint, path);
    }
}
