using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Tells resources where to send their telemetry.</summary>
public static class OtlpConfigurationExtensions
{
    /// <summary>
    /// Gives the resource the OpenTelemetry environment variables: service name, instance id and, when the application has a
    /// dashboard, its OTLP address.
    /// </summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddOtlpEnvironment(builder.Resource, builder.ApplicationBuilder.Configuration, builder.ApplicationBuilder.Environment);
        return builder;
    }

    /// <summary>Gives the resource the OpenTelemetry environment variables, with a protocol it requires.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="protocol">The protocol.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder, OtlpProtocol protocol)
        where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddOtlpEnvironment(builder.Resource, builder.ApplicationBuilder.Configuration, builder.ApplicationBuilder.Environment, protocol);
        return builder;
    }

    /// <summary>Gives a resource the OpenTelemetry environment variables.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="configuration">The configuration that holds the address of the dashboard.</param>
    /// <param name="environment">The environment of the AppHost: in development telemetry is sent without delay.</param>
    public static void AddOtlpEnvironment(IResource resource, IConfiguration configuration, IHostEnvironment environment) =>
        Add(resource, configuration, environment, protocol: null);

    /// <summary>Gives a resource the OpenTelemetry environment variables, with a protocol it requires.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="configuration">The configuration that holds the address of the dashboard.</param>
    /// <param name="environment">The environment of the AppHost: in development telemetry is sent without delay.</param>
    /// <param name="protocol">The protocol.</param>
    public static void AddOtlpEnvironment(
        IResource resource,
        IConfiguration configuration,
        IHostEnvironment environment,
        OtlpProtocol protocol) =>
        Add(resource, configuration, environment, protocol);

    private static void Add(IResource resource, IConfiguration configuration, IHostEnvironment environment, OtlpProtocol? protocol)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(environment);
        resource.Annotations.Add(new OtlpExporterAnnotation { RequiredProtocol = protocol });
        resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            if (context.ExecutionContext.IsRunMode)
            {
                SetVariables(context.EnvironmentVariables, resource, configuration, environment, protocol);
            }
        }));
    }

    // https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    private static void SetVariables(
        Dictionary<string, object> variables,
        IResource resource,
        IConfiguration configuration,
        IHostEnvironment environment,
        OtlpProtocol? protocol)
    {
        variables["OTEL_SERVICE_NAME"] = resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = ReferenceExpression.Create($"service.instance.id={new ReplicaInstanceId(resource)}");
        if (FindDashboard(configuration, protocol) is { } dashboard)
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = dashboard.Url;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = dashboard.Protocol;
        }

        if (configuration["AppHost:OtlpApiKey"] is { } key)
        {
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
        }

        if (environment.IsDevelopment())
        {
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
            if (resource is ProjectResource)
            {
                variables["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true";
                variables["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "true";
            }
        }
    }

    private static (string Url, string Protocol)? FindDashboard(IConfiguration configuration, OtlpProtocol? protocol)
    {
        var grpc = configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] ?? configuration["DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"];
        var http = configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] ?? configuration["DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"];
        return protocol switch
        {
            OtlpProtocol.HttpJson when http is not null => (http, "http/json"),
            OtlpProtocol.HttpProtobuf when http is not null => (http, "http/protobuf"),
            _ when grpc is not null => (grpc, "grpc"),
            _ when http is not null => (http, "http/protobuf"),
            _ => null
        };
    }
}

/// <summary>The protocols telemetry is sent with.</summary>
public enum OtlpProtocol
{
    /// <summary>gRPC.</summary>
    Grpc,

    /// <summary>Protocol buffers over HTTP.</summary>
    HttpProtobuf,

    /// <summary>JSON over HTTP.</summary>
    HttpJson
}
