using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Shutdown;

/// <summary>
/// Asks HTTP/1.1 clients to leave with their next request once the application is stopping (RFC 9112, section 9.6). A client that keeps
/// its connection alive would otherwise stay to the end of the drain and have a request cut off by the closing connection.
/// </summary>
internal sealed class ConnectionCloseWhileStopping : IStartupFilter
{
    private readonly CancellationToken _stopping;

    public ConnectionCloseWhileStopping(IHostApplicationLifetime lifetime) => _stopping = lifetime.ApplicationStopping;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(nextMiddleware => context =>
        {
            if (_stopping.IsCancellationRequested && HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                context.Response.Headers.Connection = "close";
            }

            return nextMiddleware(context);
        });
        next(app);
    };
}
