using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.IstioDoor;

/// <summary>An endpoint that speaks HTTP/2 only, or HTTP/1.1 over TLS.</summary>
internal sealed class Http2Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Http2Server(WebApplication app) => _app = app;

    /// <summary>All requests: protocol, method and path.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public static async Task<Http2Server> StartAsync(
        RequestDelegate handle, HttpProtocols protocols = HttpProtocols.Http2, Action<HttpsConnectionAdapterOptions>? tls = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            // Envoy sends the scheme that the client used, whatever the connection to the upstream is.
            server.AllowAlternateSchemes = true;
            server.Listen(IPAddress.Loopback, 0, listener =>
            {
                listener.Protocols = protocols;
                if (tls is not null)
                {
                    listener.UseHttps(tls);
                }
            });
        });
        var app = builder.Build();
        var server = new Http2Server(app);
        app.Run(context =>
        {
            server.Requests.Enqueue($"{context.Request.Protocol} {context.Request.Method} {context.Request.Path}");
            return handle(context);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
