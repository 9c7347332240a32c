using Gateway.AccessLogs;
using Gateway.Admin;
using Gateway.Forwarding;
using Gateway.Http1;
using Gateway.Ingress;
using Gateway.Listening;
using Gateway.Mesh;
using Gateway.Metrics;
using Gateway.Proxy;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway;

/// <summary>Puts the gateway's process together: server, doors, folder watcher.</summary>
internal static class GatewayApplication
{
    /// <summary>Builds the application.</summary>
    /// <param name="loader">The mesh folder.</param>
    /// <param name="initial">Its configuration.</param>
    /// <param name="doors">Where to listen.</param>
    /// <param name="configure">Changes services; for tests.</param>
    public static WebApplication Build(
        MeshLoader loader, MeshSnapshot initial, DoorOptions doors, Action<WebApplicationBuilder>? configure = null)
    {
        // No file of this process's own configuration changes while it runs.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.AddServiceDefaults();
        AddServices(builder.Services, loader, initial, doors);
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.None);

        // Kestrel warns that a cleartext port has no HTTP/2; here it has.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);

        // The host logs a failure to start with its stack trace; the command says it in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.WebHost.ConfigureKestrel((_, server) => ConfigureServer(server));
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = SocketThreads.AreInline);
        configure?.Invoke(builder);

        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<DoorDispatcher>().InvokeAsync);
        return app;
    }

    private static void AddServices(IServiceCollection services, MeshLoader loader, MeshSnapshot initial, DoorOptions doors)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(Random.Shared);
        services.AddSingleton(loader);
        services.AddSingleton(doors);
        services.AddSingleton(new MeshState(initial));
        Http1Server.AddTo(services);
        services.AddSingleton<Http1Listeners>();
        services.AddSingleton<DoorListeners>();
        services.AddSingleton<DoorDispatcher>();
        services.AddHostedService<MeshWatcher>();

        services.AddHttpForwarder();
        services.AddSingleton(provider => new UpstreamPool(
            NginxConnections.Options, NginxConnections.MaxIdle, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HttpExchange>();
        services.AddSingleton<UpgradeClient>();
        services.AddSingleton<Forwarder>();
        services.AddSingleton<IngressDoorHandler>();

        services.AddSingleton(provider =>
        {
            var connections = new UpstreamConnections(provider.GetRequiredService<TimeProvider>());
            provider.GetRequiredService<MeshState>().Replaced += snapshot =>
                connections.Retain([.. snapshot.Proxies.Clusters.SelectMany(pair => pair.Clusters.All)]);
            return connections;
        });
        services.AddSingleton<FilterCalls>();
        services.AddSingleton<Mirrors>();
        services.AddSingleton<Router>();
        services.AddSingleton(provider => new AccessLog(
            Console.OpenStandardOutput(), doors.AccessLog == AccessLogMode.Json ? AccessLogFormat.Json : AccessLogFormat.Text,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IstioMetrics>();
        services.AddSingleton<ClusterMetrics>();
        services.AddSingleton<RequestObserver>();
        services.AddSingleton<ProxyHandler>();
        services.AddSingleton<AdminHandler>();
    }

    /// <summary>
    /// The doors refuse what nginx and Envoy refuse; the server should refuse nothing more. Its limits are the larger ones of both: 60 KB
    /// of headers (Envoy), 2,000 headers. Times are ingress-nginx's defaults.
    /// </summary>
    private static void ConfigureServer(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.AllowHostHeaderOverride = true;
        server.AllowAlternateSchemes = true;
        server.RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        server.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        server.Limits.MaxRequestHeaderCount = 2000;
        server.Limits.MaxRequestLineSize = 60 * 1024;
        server.Limits.MaxRequestHeadersTotalSize = 60 * 1024;
        server.Limits.MaxRequestBodySize = null;
        server.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(60);
        server.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromSeconds(60));
        server.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromSeconds(60));
        server.Limits.Http2.MaxStreamsPerConnection = 128;
        server.ApplicationServices.GetRequiredService<DoorListeners>().Attach(server);
    }
}
