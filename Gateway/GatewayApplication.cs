using Gateway.Forwarding;
using Gateway.Ingress;
using Gateway.Listening;
using Gateway.Mesh;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway;

/// <summary>Puts the gateway's process together: server, doors, folder watcher.</summary>
internal static class GatewayApplication
{
    /// <summary>Where the Ingress door listens when nothing else is configured.</summary>
    internal const string DefaultUrl = "http://localhost:8080";

    /// <summary>Builds the application.</summary>
    /// <param name="loader">The mesh folder.</param>
    /// <param name="initial">Its configuration.</param>
    /// <param name="urls">The addresses of <c>--urls</c>; none leaves it to the configuration, then to <see cref="DefaultUrl"/>.</param>
    /// <param name="configure">Changes services; for tests.</param>
    public static WebApplication Build(
        MeshLoader loader, MeshSnapshot initial, string[] urls, Action<WebApplicationBuilder>? configure = null)
    {
        // No file of this process's own configuration changes while it runs.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.AddServiceDefaults();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(loader);
        builder.Services.AddSingleton(new MeshState(initial));
        builder.Services.AddHostedService<MeshWatcher>();
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton(services => new UpstreamPool(
            NginxConnections.Options, NginxConnections.MaxIdle, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<HttpExchange>();
        builder.Services.AddSingleton<UpgradeClient>();
        builder.Services.AddSingleton<Forwarder>();
        builder.Services.AddSingleton<IngressDoorHandler>();
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.None);

        // Kestrel warns that a cleartext port has no HTTP/2; here it has.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);

        // The host logs a failure to start with its stack trace; the command says it in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        ConfigureServer(builder, urls);
        configure?.Invoke(builder);

        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<IngressDoorHandler>().InvokeAsync);
        return app;
    }

    private static void ConfigureServer(WebApplicationBuilder builder, string[] urls)
    {
        var configuration = builder.Configuration;
        if (urls.Length > 0)
        {
            builder.WebHost.UseUrls(urls);
        }
        else if (configuration["urls"] is null && configuration["http_ports"] is null && configuration["https_ports"] is null
            && !configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.WebHost.ConfigureKestrel((_, server) =>
        {
            // The door refuses what nginx refuses; the server should refuse nothing more. Sizes and times are ingress-nginx's defaults.
            server.AddServerHeader = false;
            server.AllowHostHeaderOverride = true;
            server.AllowAlternateSchemes = true;
            server.RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
            server.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
            server.Limits.MaxRequestHeaderCount = 2000;
            server.Limits.MaxRequestLineSize = 8 * 1024;
            server.Limits.MaxRequestHeadersTotalSize = 4 * 8 * 1024;
            server.Limits.MaxRequestBodySize = null;
            server.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
            server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(60);
            server.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromSeconds(60));
            server.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: TimeSpan.FromSeconds(60));
            server.Limits.Http2.MaxStreamsPerConnection = 128;
            server.ConfigureEndpointDefaults(listener =>
                CleartextProtocol.Use(listener, server.ApplicationServices.GetRequiredService<TimeProvider>()));
        });
    }
}
