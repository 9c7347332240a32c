using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using ServiceDefaults.Health;
using ServiceDefaults.Shutdown;
using ServiceDefaults.Telemetry;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// What every service of the system has in common, under the names of Aspire's project templates: OpenTelemetry, health endpoints,
/// service discovery and resilience for <see cref="HttpClient"/>, and a drain on shutdown.
/// </summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Adds OpenTelemetry, the default health checks, the drain on shutdown, and service discovery and resilience for every
    /// <see cref="HttpClient"/> that the client factory makes. Call it once, before the application is built.
    /// </summary>
    /// <remarks>
    /// Retries repeat only requests whose method is safe to repeat (RFC 9110, section 9.2.2): a POST is sent once.
    /// </remarks>
    /// <typeparam name="TBuilder">The kind of application builder.</typeparam>
    /// <param name="builder">The application's builder.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();
        AddDrain(builder.Services);

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });

        return builder;
    }

    /// <summary>
    /// Sends logs, metrics (ASP.NET Core, <see cref="HttpClient"/>, the runtime, the application's own meter) and traces (ASP.NET Core,
    /// <see cref="HttpClient"/>, the application's own source) by OTLP to the address in <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>. The other
    /// <c>OTEL_*</c> variables of the OpenTelemetry specification apply. The application's own meter and source are those named as the
    /// application. Requests for <c>/health</c> and <c>/alive</c> are not traced.
    /// </summary>
    /// <remarks>
    /// Without that address nothing listens: no request allocates an <see cref="System.Diagnostics.Activity"/>, unless it brings a W3C
    /// <c>traceparent</c>, which is passed on to outgoing calls. More sources are best added with
    /// <c>services.ConfigureOpenTelemetryTracerProvider</c>, which costs nothing without an exporter either.
    /// </remarks>
    /// <typeparam name="TBuilder">The kind of application builder.</typeparam>
    /// <param name="builder">The application's builder.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.Configure<LoggerFilterOptions>(RequestLog.QuietByDefault);
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            builder.Services.AddSingleton<IStartupFilter, TraceContextPropagation>();
            builder.Services.PostConfigure<LoggerFilterOptions>(RequestLog.TurnOffUnlessShown);
        }
        else
        {
            AddExportedTelemetry(builder);
        }

        return builder;
    }

    /// <summary>
    /// Adds the check <c>self</c>, tagged <c>live</c>: the process answers. More checks are added with
    /// <c>builder.Services.AddHealthChecks().AddCheck(...)</c>; those tagged <c>live</c> count for <c>/alive</c> too.
    /// </summary>
    /// <typeparam name="TBuilder">The kind of application builder.</typeparam>
    /// <param name="builder">The application's builder.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [HealthEndpoints.LiveTag]);
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (readiness: all checks, and 503 as soon as the application is asked to stop) and <c>/alive</c> (liveness: the
    /// checks tagged <c>live</c>), in every environment, because Kubernetes' probes need them. They record no request metrics.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The same application.</returns>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        HealthEndpoints.Map(app, app.Lifetime.ApplicationStopping);
        return app;
    }

    private static void AddDrain(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ServiceDefaultsOptions>()
            .BindConfiguration(ServiceDefaultsOptions.Section)
            .Validate(options => options.IsDrainValid, ServiceDefaultsOptions.DrainError)
            .ValidateOnStart();
        services.AddOptions<HostOptions>().PostConfigure<IOptions<ServiceDefaultsOptions>>(
            (host, options) => host.ShutdownTimeout += options.Value.Drain ?? ServiceDefaultsOptions.DefaultDrain);
        services.AddHostedService<Drain>();
        services.AddSingleton<IStartupFilter, ConnectionCloseWhileStopping>();
    }

    private static void AddExportedTelemetry(IHostApplicationBuilder builder)
    {
        var application = builder.Environment.ApplicationName;

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter(application)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation())
            .WithTracing(tracing => tracing
                .AddSource(application)
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !HealthEndpoints.IsProbe(context.Request.Path))
                .AddHttpClientInstrumentation())
            .UseOtlpExporter();
    }
}
