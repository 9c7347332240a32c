using System.Reflection;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Launch;
using Aspire.Hosting.Orchestration.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Dashboard;

/// <summary>Adds the dashboard to an application that is going to run.</summary>
internal static class DashboardBuilderExtensions
{
    private const int DefaultPort = 18888;
    private const string BrowserTokenKey = "AppHost:BrowserToken";
    private const string OtlpApiKeyKey = "AppHost:OtlpApiKey";
    private const string OtlpGrpcUrlKey = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    private const string OtlpHttpUrlKey = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";

    // https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/, in milliseconds
    private static readonly string[] ExportIntervals =
        ["OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"];

    /// <summary>
    /// Adds the dashboard before everything else. Its pages are where <c>ASPNETCORE_URLS</c> says, as with Aspire, else at port 18888. When
    /// that one is taken, by the dashboard of another application perhaps, they are at some free port.
    /// </summary>
    public static void AddDashboard(this IDistributedApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var browserToken = configuration[BrowserTokenKey] ??= NewKey();
        var otlpApiKey = configuration[OtlpApiKeyKey] ??= NewKey();
        var dashboard = new DashboardResource(ProjectOutput.DotNet, Path.GetDirectoryName(ProgramPath)!) { EngineKey = NewKey() };
        builder.Resources.Insert(0, dashboard);
        builder.Services.AddSingleton(dashboard);
        builder.Services.AddSingleton<DashboardStart>();
        builder.Services.AddHostedService<DashboardLink>();
        builder.Eventing.Subscribe<BeforeResourceStartedEvent>(
            dashboard, static (@event, token) => @event.Services.GetRequiredService<DashboardStart>().WaitAsync(token));
        builder.CreateResourceBuilder(dashboard)
            .WithInitialState(new CustomResourceSnapshot { ResourceType = "Executable", Properties = [], IsHidden = true })
            .ExcludeFromManifest()
            .WithArgs(ProgramPath)
            .WithHttpEndpoint(port: PortOf(configuration), name: DashboardResource.FrontendEndpoint)
            .WithHttpEndpoint(name: DashboardResource.OtlpGrpcEndpoint)
            .WithHttpEndpoint(name: DashboardResource.OtlpHttpEndpoint)
            .WithAnnotation(new HeldConnectionsAnnotation(DashboardResource.OtlpGrpcEndpoint))
            .WithAnnotation(new HeldConnectionsAnnotation(DashboardResource.OtlpHttpEndpoint))
            .WithHttpHealthCheck("/health", endpointName: DashboardResource.FrontendEndpoint)
            .WithEnvironment(context => SetVariables(context, dashboard, browserToken, otlpApiKey, configuration))
            .WithUrls(context => ShowLogin(context, browserToken));
        TellServices(builder, dashboard);
    }

    private static string ProgramPath { get; } = typeof(DashboardResource).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == "dashboardpath").Value!;

    private static string NewKey() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static int? PortOf(ConfigurationManager configuration)
    {
        var configured = (configuration["ASPNETCORE_URLS"] ?? configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed : null)
            .OfType<Uri>()
            .OrderBy(url => url.Scheme == Uri.UriSchemeHttp ? 0 : 1)
            .FirstOrDefault();
        var port = configured?.Port ?? DefaultPort;
        return port != DefaultPort || Loopback.IsFree(port) ? port : null;
    }

    private static void SetVariables(
        EnvironmentCallbackContext context, DashboardResource dashboard, string browserToken, string otlpApiKey, ConfigurationManager configuration)
    {
        var variables = context.EnvironmentVariables;
        variables["ASPNETCORE_URLS"] = dashboard.GetEndpoint(DashboardResource.FrontendEndpoint);
        variables[OtlpGrpcUrlKey] = ListenerOf(DashboardResource.OtlpGrpcEndpoint);
        variables[OtlpHttpUrlKey] = ListenerOf(DashboardResource.OtlpHttpEndpoint);
        variables["Dashboard__Frontend__BrowserToken"] = browserToken;
        variables["Dashboard__Otlp__PrimaryApiKey"] = otlpApiKey;
        variables["Dashboard__Engine__Key"] = dashboard.EngineKey;
        variables["Dashboard__ApplicationName"] = configuration["AppHost:DashboardApplicationName"] ?? "";
        if (ProjectOutput.DotNetRoot is { } root)
        {
            variables["DOTNET_ROOT"] = root;
        }

        ReferenceExpression ListenerOf(string endpoint) =>
            ReferenceExpression.Create($"http://localhost:{dashboard.GetEndpoint(endpoint).Property(EndpointProperty.TargetPort)}");
    }

    private static void ShowLogin(ResourceUrlsCallbackContext context, string browserToken)
    {
        foreach (var url in context.Urls)
        {
            if (url.Endpoint?.EndpointName == DashboardResource.FrontendEndpoint)
            {
                url.Url = $"{url.Endpoint.Url}/login?t={Uri.EscapeDataString(browserToken)}";
                url.DisplayText = "Dashboard";
            }
            else
            {
                url.DisplayLocation = UrlDisplayLocation.DetailsOnly;
            }
        }
    }

    private static void TellServices(IDistributedApplicationBuilder builder, DashboardResource dashboard)
    {
        // What every service reads when it is started; see OtlpConfigurationExtensions.
        builder.Eventing.Subscribe<ResourceEndpointsAllocatedEvent>(dashboard, (_, _) =>
        {
            builder.Configuration[OtlpGrpcUrlKey] = dashboard.GetEndpoint(DashboardResource.OtlpGrpcEndpoint).Url;
            builder.Configuration[OtlpHttpUrlKey] = dashboard.GetEndpoint(DashboardResource.OtlpHttpEndpoint).Url;
            return Task.CompletedTask;
        });

        // Somebody watches and wants to see it now. Aspire's project templates say so by a launch profile for development.
        builder.Eventing.Subscribe<BeforeStartEvent>((@event, _) =>
        {
            foreach (var resource in @event.Model.Resources.Where(resource => resource.HasAnnotationOfType<OtlpExporterAnnotation>()))
            {
                resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
                {
                    foreach (var name in ExportIntervals)
                    {
                        context.EnvironmentVariables.TryAdd(name, "1000");
                    }

                    context.EnvironmentVariables.TryAdd("OTEL_METRICS_EXEMPLAR_FILTER", "trace_based");
                }));
            }

            return Task.CompletedTask;
        });
    }
}
