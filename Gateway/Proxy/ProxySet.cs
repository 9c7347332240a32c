using System.Collections.Frozen;
using System.Collections.Immutable;
using Gateway.Clusters;
using Gateway.Listening;
using Gateway.Policies;
using Gateway.Routing;

namespace Gateway.Proxy;

/// <summary>All that one state of the mesh folder says to the Istio door and to the mesh role. Part of a snapshot, immutable.</summary>
internal sealed record ProxySet
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    /// <summary>For a listener that no document speaks of: every request is answered with 404 and flag NR.</summary>
    private static readonly FilterChain Nowhere = new(
        ListenerKind.Gateway, 0, new RouteTable("", []), PolicyChain.Empty, ClusterSet.Empty, PathNormalization.Base, InboundPolicies.None);

    /// <summary>Nothing.</summary>
    public static ProxySet Empty { get; } = new();

    /// <summary>All routes.</summary>
    public IstioRoutes Routes { get; init; } = IstioRoutes.Empty;

    /// <summary>The plain ports of Gateways.</summary>
    public FrozenDictionary<int, FilterChain> Ports { get; init; } = FrozenDictionary<int, FilterChain>.Empty;

    /// <summary>The ports of Gateways that end TLS, with their servers.</summary>
    public FrozenDictionary<int, ImmutableArray<TlsServer>> TlsPorts { get; init; } = FrozenDictionary<int, ImmutableArray<TlsServer>>.Empty;

    /// <summary>The service ports of the mesh role, by the service's full name and port.</summary>
    public FrozenDictionary<(string Host, int Port), FilterChain> Services { get; init; } = FrozenDictionary<(string, int), FilterChain>.Empty;

    /// <summary>The clusters of each proxy.</summary>
    public ImmutableArray<(ClusterClient Client, ClusterSet Clusters)> Clusters { get; init; } = [];

    /// <summary>The policies in front of the endpoints.</summary>
    public InboundPolicies Inbound { get; init; } = InboundPolicies.None;

    /// <summary>Whether a Gateway has a plain server.</summary>
    public bool HasPlainServers => Ports.Count > 0;

    /// <summary>Whether a server with TLS has more than one certificate.</summary>
    public bool HasCertificateChoice => TlsPorts.Values.Any(servers => servers.Any(server => server.Tls.HasChoice));

    /// <summary>Whether a Gateway has a server that ends TLS.</summary>
    public bool HasTlsServers => TlsPorts.Count > 0;

    /// <summary>What a request meets.</summary>
    /// <param name="listener">The listener that it came in by.</param>
    /// <param name="context">The request.</param>
    public FilterChain Find(DoorListener listener, HttpContext context)
    {
        var found = listener switch
        {
            { Door: Door.Mesh } => Services.GetValueOrDefault(listener.Service),
            { IsTls: true } => FindTls(listener.GatewayPort, context.Features.Get<ServerNameFeature>()?.Name ?? "")?.Chain,
            _ => Ports.GetValueOrDefault(Choose(listener.GatewayPort, HttpPort, Ports.Keys)),
        };
        return found ?? Nowhere;
    }

    /// <summary>The server that ends TLS for a name.</summary>
    /// <param name="port">The Gateways' port; null for 443, or the lowest there is.</param>
    /// <param name="name">The server name of the handshake.</param>
    public TlsServer? FindTls(int? port, string name)
    {
        if (!TlsPorts.TryGetValue(Choose(port, HttpsPort, TlsPorts.Keys), out var servers))
        {
            return null;
        }

        var best = servers.MaxBy(server => server.Fit(name));
        return best?.Fit(name) >= 0 ? best : null;
    }

    private static int Choose(int? wanted, int usual, ImmutableArray<int> ports) =>
        wanted ?? (ports.Contains(usual) || ports.IsEmpty ? usual : ports.Min());
}
