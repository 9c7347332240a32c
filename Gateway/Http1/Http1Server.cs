using Gateway.Listening;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Http1;

/// <summary>
/// Kestrel, with a way of its own for plain requests in HTTP/1.1: those without a body, which are most, and of which a gateway does little
/// more than pass them on. Kestrel has the connections, and serves everything else.
/// </summary>
internal sealed class Http1Server : IServer
{
    private readonly IServer _kestrel;
    private readonly Http1Listeners _listeners;

    private Http1Server(IServer kestrel, Http1Listeners listeners) => (_kestrel, _listeners) = (kestrel, listeners);

    public IFeatureCollection Features => _kestrel.Features;

    /// <summary>Puts this in front of the server that there is.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var kestrel = services.Last(service => service.ServiceType == typeof(IServer));
        services.AddSingleton<IServer>(provider => new Http1Server(
            (IServer)ActivatorUtilities.CreateInstance(provider, kestrel.ImplementationType!), provider.GetRequiredService<Http1Listeners>()));
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _listeners.Begin(application);
        return _kestrel.StartAsync(application, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _kestrel.StopAsync(cancellationToken);

    public void Dispose() => _kestrel.Dispose();
}

/// <summary>Serves the plain requests of listeners.</summary>
/// <param name="logger">Told of requests that fail.</param>
internal sealed class Http1Listeners(ILogger<Http1Server> logger)
{
    private Func<ConnectionContext, DoorListener, ConnectionDelegate, Task>? _serve;

    /// <summary>Takes what the host serves requests with.</summary>
    public void Begin<TContext>(IHttpApplication<TContext> application)
        where TContext : notnull =>
        _serve = (connection, listener, next) => new Http1Connection<TContext>(connection, listener, application, logger).RunAsync(next);

    /// <summary>Adds this to a listener.</summary>
    public void Use(ListenOptions endpoint, DoorListener listener) => endpoint.Use(next => connection => _serve!(connection, listener, next));
}
