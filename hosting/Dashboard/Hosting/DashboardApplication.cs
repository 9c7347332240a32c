using Dashboard.Otlp;
using Dashboard.Otlp.Ingestion;
using Dashboard.Telemetry;
using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dashboard.Hosting;

/// <summary>Puts the dashboard's process together.</summary>
internal static class DashboardApplication
{
    /// <summary>Builds the application.</summary>
    /// <param name="options">How it is set up.</param>
    /// <param name="configure">Changes services; for tests.</param>
    public static WebApplication Build(DashboardOptions options, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // Its own files lie beside it, wherever it is started.
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(DashboardApplication).Assembly.GetName().Name,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.None);

        // A failure to start is said by the program, in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.WebHost.ConfigureKestrel(server => Listeners.Configure(server, options));
        AddServices(builder.Services, options);
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseRouting();
        app.Use(Listeners.SeparateAsync);
        app.UseMiddleware<OtlpApiKey>();
        OtlpHttp.Map(app);
        app.MapGrpcService<OtlpGrpc.Services>().WithMetadata(new ListenerMetadata(Listener.OtlpGrpc));
        return app;
    }

    private static void AddServices(IServiceCollection services, DashboardOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);

        // Made now: what starts after this moment counts from nothing.
        services.AddSingleton(new TelemetryStore(options.Limits, TimeProvider.System));
        services.AddSingleton<OtlpReader>();
        services.AddSingleton<LogIngestion>();
        services.AddSingleton<TraceIngestion>();
        services.AddSingleton<MetricIngestion>();
        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = OtlpHttp.MaxBytes);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<OtlpGrpc.Services>, OtlpGrpc>());
    }
}
