using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Dashboard.Hosting;

/// <summary>The ports of the dashboard, each for one kind of visitor.</summary>
internal enum Listener
{
    /// <summary>Browsers, people's scripts and the engine.</summary>
    Frontend,

    /// <summary>Exporters that speak gRPC, which without TLS needs a port of its own (HTTP/2 with prior knowledge).</summary>
    OtlpGrpc,

    /// <summary>Exporters that speak HTTP.</summary>
    OtlpHttp,
}

/// <summary>Says by which port an endpoint can be reached; by the others it is not found.</summary>
/// <param name="Listener">The port.</param>
internal sealed record ListenerMetadata(Listener Listener);

/// <summary>Opens the ports, and keeps what belongs to one from being reached by another.</summary>
internal static class Listeners
{
    /// <summary>Opens the three ports.</summary>
    public static void Configure(KestrelServerOptions server, DashboardOptions options)
    {
        server.AddServerHeader = false;
        Listen(server, options.FrontendUrl, Listener.Frontend, HttpProtocols.Http1);
        Listen(server, options.OtlpGrpcUrl, Listener.OtlpGrpc, HttpProtocols.Http2);
        Listen(server, options.OtlpHttpUrl, Listener.OtlpHttp, HttpProtocols.Http1);
    }

    /// <summary>Where the ports of a running application are.</summary>
    public static (Uri Frontend, Uri OtlpGrpc, Uri OtlpHttp) Addresses(WebApplication app)
    {
        // A port of localhost is opened at two addresses and listed once.
        var urls = app.Urls.Select(url => new Uri(url)).ToArray();
        return (urls[0], urls[1], urls[2]);
    }

    /// <summary>Which port a request came by.</summary>
    public static Listener Of(HttpContext context) => context.Features.GetRequiredFeature<ListenerMetadata>().Listener;

    /// <summary>Answers 404 when the endpoint that was chosen does not belong to the port; to be used after routing.</summary>
    public static Task SeparateAsync(HttpContext context, RequestDelegate next)
    {
        var belongsTo = context.GetEndpoint()?.Metadata.GetMetadata<ListenerMetadata>()?.Listener ?? Listener.Frontend;
        if (belongsTo != Of(context))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    }

    private static void Listen(KestrelServerOptions server, Uri url, Listener listener, HttpProtocols protocols)
    {
        // Port 0 is some free port, which cannot be the same one for both addresses of localhost.
        if (url.Host == "localhost" && url.Port != 0)
        {
            server.ListenLocalhost(url.Port, Configure);
        }
        else
        {
            server.Listen(url.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(url.Host.Trim('[', ']')), url.Port, Configure);
        }

        void Configure(ListenOptions listen)
        {
            listen.Protocols = protocols;
            listen.Use(next => connection =>
            {
                connection.Features.Set(new ListenerMetadata(listener));
                return next(connection);
            });
        }
    }
}
