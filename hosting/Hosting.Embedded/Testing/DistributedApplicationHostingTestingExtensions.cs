using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Reaches the resources of a started application.</summary>
public static class DistributedApplicationHostingTestingExtensions
{
    private const string DashboardResourceName = "aspire-dashboard";
    private static readonly string[] DefaultEndpointNames = ["https", "http"];

    /// <summary>Creates a client whose base address is an endpoint of a resource.</summary>
    /// <param name="app">The application.</param>
    /// <param name="resourceName">The resource.</param>
    /// <param name="endpointName">The endpoint; <c>https</c>, else <c>http</c>, by default.</param>
    /// <returns>The client, with the defaults of the application's <see cref="IHttpClientFactory" />.</returns>
    /// <exception cref="ArgumentException">There is no such resource or endpoint.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var address = app.GetEndpoint(resourceName, endpointName);
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = address;
        return client;
    }

    /// <summary>Gets the URL of an endpoint of a resource.</summary>
    /// <param name="app">The application.</param>
    /// <param name="resourceName">The resource.</param>
    /// <param name="endpointName">The endpoint; <c>https</c>, else <c>http</c>, by default.</param>
    /// <returns>The URL.</returns>
    /// <exception cref="ArgumentException">There is no such resource or endpoint.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        string[] names = string.IsNullOrEmpty(endpointName) ? DefaultEndpointNames : [endpointName];
        var endpoint = FindResource(app, resourceName) is IResourceWithEndpoints resource
            ? names.Select(resource.GetEndpoint).FirstOrDefault(static e => e.IsAllocated)
            : throw new ArgumentException($"Resource '{resourceName}' has no allocated endpoints.", nameof(resourceName));
        return endpoint is null
            ? throw new ArgumentException(
                $"Endpoint '{string.Join("' or '", names)}' for resource '{resourceName}' not found, or it has no " +
                    "address.", nameof(endpointName))
            : new Uri(endpoint.Url);
    }

    /// <summary>Gets the connection string of a resource.</summary>
    /// <param name="app">The application.</param>
    /// <param name="resourceName">The resource.</param>
    /// <param name="cancellationToken">Ends the wait for its parts.</param>
    /// <returns>The connection string.</returns>
    /// <exception cref="ArgumentException">There is no such resource, or it has no connection string.</exception>
    /// <exception cref="InvalidOperationException">The application has not been started.</exception>
    public static ValueTask<string?> GetConnectionStringAsync(
        this DistributedApplication app,
        string resourceName,
        CancellationToken cancellationToken = default) => FindResource(app, resourceName) is IResourceWithConnectionString resource
            ? resource.GetValueAsync(cancellationToken)
            : throw new ArgumentException($"Resource '{resourceName}' does not expose a connection string.", nameof(resourceName));

    /// <summary>Waits for the dashboard and gets the URL that logs a browser in.</summary>
    /// <param name="app">The application.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The URL.</returns>
    /// <exception cref="InvalidOperationException">The application has no dashboard, or has not been started.</exception>
    public static async Task<Uri> GetDashboardUrlAsync(this DistributedApplication app, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.Services.GetRequiredService<DistributedApplicationExecutionContext>().IsPublishMode)
        {
            throw new InvalidOperationException("There is no dashboard when an application is published.");
        }

        if (app.Services.GetRequiredService<DistributedApplicationOptions>().DisableDashboard)
        {
            throw new InvalidOperationException("The dashboard is off; set DistributedApplicationTestingBuilderOptions.EnableDashboard.");
        }

        ThrowIfNotStarted(app);
        if (!app.Services.GetRequiredService<DistributedApplicationModel>().Resources.TryGetByName(DashboardResourceName, out var resource)
            || resource is not IResourceWithEndpoints dashboard)
        {
            throw new InvalidOperationException("The application has no dashboard.");
        }

        await app.ResourceNotifications.WaitForResourceHealthyAsync(
            DashboardResourceName,
            WaitBehavior.StopOnResourceUnavailable,
            cancellationToken);
        var endpoint = DefaultEndpointNames.Select(dashboard.GetEndpoint).First(static e => e.IsAllocated);
        var token = app.Services.GetRequiredService<IConfiguration>()["AppHost:BrowserToken"];
        return new Uri(new Uri(endpoint.Url), string.IsNullOrEmpty(token) ? "/" : $"/login?t={Uri.EscapeDataString(token)}");
    }

    private static IResource FindResource(DistributedApplication app, string resourceName)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentException.ThrowIfNullOrEmpty(resourceName);
        ThrowIfNotStarted(app);
        return app.Services.GetRequiredService<DistributedApplicationModel>().Resources.TryGetByName(resourceName, out var resource)
            ? resource
            : throw new ArgumentException($"Resource '{resourceName}' not found.", nameof(resourceName));
    }

    private static void ThrowIfNotStarted(DistributedApplication app)
    {
        if (!app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.IsCancellationRequested)
        {
            throw new InvalidOperationException("The application has not been started; call StartAsync first.");
        }
    }
}
