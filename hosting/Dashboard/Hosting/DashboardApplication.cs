using Dashboard.Api;
using Dashboard.EngineLink;
using Dashboard.Mesh;
using Dashboard.Otlp;
using Dashboard.Otlp.Ingestion;
using Dashboard.Pages;
using Dashboard.Resources;
using Dashboard.SignIn;
using Dashboard.Telemetry;
using Dashboard.Traffic;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.FluentUI.AspNetCore.Components;

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
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Grpc", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error).AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error);

        // A failure to start is said by the program, in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(server => Listeners.Configure(server, options));
        AddServices(builder.Services, options);
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseWhen(static context => Listeners.Of(context) == Listener.Frontend, frontend => frontend.Use(ServerTiming.MeasureAsync).Use(BrowserSecurity.ProtectAsync));
        app.UseRouting();
        app.Use(Listeners.SeparateAsync);
        app.UseMiddleware<OtlpApiKey>();
        LoginEndpoint.Use(app, options);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseWebSockets();
        MapEndpoints(app, options);
        return app;
    }

    private static void MapEndpoints(WebApplication app, DashboardOptions options)
    {
        OtlpHttp.Map(app);
        app.MapGrpcService<OtlpGrpc.Services>().WithMetadata(new ListenerMetadata(Listener.OtlpGrpc)).AllowAnonymous();
        EngineEndpoint.Map(app, options);
        ApiEndpoints.Map(app);
        app.MapGet("/health", static () => "Healthy").AllowAnonymous();
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(static server =>
        {
            // The policy of BrowserSecurity says who may frame a page: nobody.
            server.ContentSecurityFrameAncestorsPolicy = null;
        });
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

        services.AddSingleton<ResourceStore>();
        services.AddSingleton<ConsoleLogs>();
        services.AddSingleton<Engine>();
        services.AddSingleton<ProcessUsage>();
        services.AddHostedService(static provider => provider.GetRequiredService<ProcessUsage>());

        services.AddSingleton<MeshView>();
        services.AddSingleton<MeshEditor>();
        services.AddSingleton<TrafficStats>();
        services.AddSingleton<GatewayAdmin>();

        services.AddAuthentication(Session.SchemeName).AddScheme<AuthenticationSchemeOptions, Session>(Session.SchemeName, configureOptions: null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddAntiforgery();

        // Nothing that is protected outlives the process, and nothing is written to the user's disk.
        services.Configure<KeyManagementOptions>(static keys => keys.XmlRepository = new MemoryXmlRepository());
        services.AddRazorComponents().AddInteractiveServerComponents(static server => server.DisconnectedCircuitMaxRetained = 5);
        services.AddFluentUIComponents();
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
    }
}
