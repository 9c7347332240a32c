using System.Collections.Concurrent;
using Gateway.Http1;
using Gateway.Mesh;
using Gateway.Proxy;
using Microsoft.AspNetCore.Server.Kestrel;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Listening;

/// <summary>
/// The listeners of this process. They follow the mesh folder: a Gateway that gets its first server with TLS opens one, and the others
/// go on undisturbed, which is what Kestrel does when its endpoint configuration changes.
/// </summary>
internal sealed class DoorListeners
{
    private readonly DoorOptions _options;
    private readonly IConfiguration _configuration;
    private readonly MeshState _mesh;
    private readonly TimeProvider _time;
    private readonly Http1Listeners _http1;
    private readonly EndpointSource _source = new();
    private readonly ConcurrentDictionary<string, ListenOptions> _bound = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private KestrelConfigurationLoader? _loader;

    /// <summary>Makes the listeners.</summary>
    /// <param name="options">Where to listen.</param>
    /// <param name="configuration">ASP.NET Core's configuration, where the Ingress door's addresses may stand.</param>
    /// <param name="mesh">The configuration in force.</param>
    /// <param name="time">The clock.</param>
    /// <param name="http1">Serves plain requests in HTTP/1.1.</param>
    public DoorListeners(
        DoorOptions options, IConfiguration configuration, MeshState mesh, TimeProvider time, Http1Listeners http1) =>
        (_options, _configuration, _mesh, _time, _http1) = (options, configuration, mesh, time, http1);

    /// <summary>Hands the listeners to the server, before it starts.</summary>
    public void Attach(KestrelServerOptions server)
    {
        _loader = server.Configure(new ConfigurationBuilder().Add(_source).Build(), reloadOnChange: true);
        Follow(_mesh.Current);
        _mesh.Replaced += Follow;
    }

    /// <summary>The TCP port at which a listener is bound; 0 when it is not.</summary>
    public int PortOf(string name) => _bound.TryGetValue(name, out var listener) ? listener.IPEndPoint?.Port ?? 0 : 0;

    /// <summary>All listeners that a configuration asks for.</summary>
    public IEnumerable<DoorListener> Plan(ProxySet proxies)
    {
        foreach (var (index, url) in IngressUrls().Index())
        {
            yield return new DoorListener($"ingress-{index}", url, Door.Ingress);
        }

        foreach (var listener in IstioDoors(proxies))
        {
            yield return listener;
        }

        foreach (var (index, service) in _options.Services.Index())
        {
            yield return new DoorListener($"mesh-{index}", service.Url, Door.Mesh) { Service = (service.Host, service.Port) };
        }

        if (_options.Admin is { } admin)
        {
            yield return new DoorListener("admin", admin, Door.Admin);
        }
    }

    private IEnumerable<DoorListener> IstioDoors(ProxySet proxies)
    {
        foreach (var (index, door) in _options.IstioDoors.Index())
        {
            yield return new DoorListener($"istio-{index}", door.Url, Door.Istio) { GatewayPort = door.GatewayPort };
        }

        // Each has its name whether the other is there or not, so that the one does not disturb the other.
        if (_options.IstioDoors.IsEmpty && proxies.HasPlainServers)
        {
            yield return new DoorListener("istio-plain", _options.IstioUrl, Door.Istio);
        }

        if (_options.IstioDoors.IsEmpty && proxies.HasTlsServers)
        {
            yield return new DoorListener("istio-tls", _options.IstioTlsUrl, Door.Istio);
        }
    }

    /// <summary>The Ingress door's addresses: of the command line, else where ASP.NET Core's configuration has them.</summary>
    private IEnumerable<string> IngressUrls()
    {
        if (!_options.Urls.IsEmpty)
        {
            return _options.Urls;
        }

        var endpoints = _configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToArray();
        return endpoints.Length > 0 ? endpoints
            : _configuration["urls"] is { Length: > 0 } urls ? Split(urls)
            : _configuration["http_ports"] is { Length: > 0 } ports ? Split(ports).Select(port => $"http://*:{port}")
            : [DoorOptions.DefaultUrl];
    }

    private static string[] Split(string text) =>
        text.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private void Follow(MeshSnapshot snapshot)
    {
        var listeners = Plan(snapshot.Proxies).ToArray();
        foreach (var listener in listeners.Where(listener => _known.Add($"{listener.Name} {listener.Url}")))
        {
            _loader!.Endpoint(listener.Name, endpoint => Configure(endpoint.ListenOptions, listener));
        }

        _source.Current.Set(listeners);
    }

    private void Configure(ListenOptions endpoint, DoorListener listener)
    {
        _bound[listener.Name] = endpoint;
        endpoint.Use(next => connection =>
        {
            connection.Features.Set(listener);
            return next(connection);
        });
        if (listener.IsTls)
        {
            endpoint.Protocols = HttpProtocols.Http1AndHttp2;
            TlsTermination.Use(endpoint, listener, _mesh, _time);
        }
        else
        {
            CleartextProtocol.Use(endpoint, _time);
            _http1.Use(endpoint, listener);
        }
    }

    /// <summary>The listeners as Kestrel's configuration. TLS is added apart, so that every address is a plain one here.</summary>
    private sealed class EndpointSource : IConfigurationSource
    {
        public Endpoints Current { get; } = new();

        public IConfigurationProvider Build(IConfigurationBuilder builder) => Current;
    }

    private sealed class Endpoints : ConfigurationProvider
    {
        public void Set(IReadOnlyCollection<DoorListener> listeners)
        {
            var data = listeners.ToDictionary(
                listener => $"Endpoints:{listener.Name}:Url",
                string? (listener) => listener.IsTls ? "http" + listener.Url["https".Length..] : listener.Url,
                StringComparer.OrdinalIgnoreCase);
            if (data.Count == Data.Count && data.All(pair => Data.TryGetValue(pair.Key, out var known) && known == pair.Value))
            {
                return;
            }

            Data = data;
            OnReload();
        }
    }
}
