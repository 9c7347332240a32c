using System.Collections.Frozen;
using System.Collections.Immutable;
using Gateway.AccessLogs;
using Gateway.Clusters;
using Gateway.Listening;
using Gateway.Metrics;
using Gateway.Policies;
using Gateway.Registry;
using Gateway.Routing;
using Istio.Documents;

namespace Gateway.Proxy;

/// <summary>
/// Compiles everything that the Istio door and the mesh role execute: routes, clusters and policies of each proxy they play. One instance
/// serves all reloads and keeps what outlives them.
/// </summary>
internal sealed class ProxyCompiler : IDisposable
{
    private static readonly FrozenDictionary<string, string> NoLabels = FrozenDictionary<string, string>.Empty;

    private readonly Dictionary<ClusterClient, ClusterStore> _stores = [];
    private readonly ImmutableArray<ServiceAddress> _services;
    private readonly bool _isLogged;
    private readonly PolicyCompiler _policies;
    private readonly TimeProvider _time;
    private readonly Random _random;

    /// <summary>Makes a compiler.</summary>
    /// <param name="doors">Where to listen, and whether requests are logged by default.</param>
    /// <param name="policies">Compiles policies.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chance.</param>
    public ProxyCompiler(DoorOptions doors, PolicyCompiler policies, TimeProvider time, Random random) =>
        (_services, _isLogged, _policies, _time, _random) = (doors.Services, doors.AccessLog != AccessLogMode.None, policies, time, random);

    /// <summary>Compiles documents.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="findings">Receives what is wrong.</param>
    /// <param name="names">Looks endpoints up that are names.</param>
    /// <returns>Puts the result in force; not to be called when a finding is an error.</returns>
    public Func<ProxySet> Compile(ResourceSet resources, List<Finding> findings, EndpointNames names)
    {
        var hosts = ServiceHosts.Build(resources, findings, names);
        var routes = RouteCompiler.Compile(resources, hosts, findings);
        var policies = _policies.Compile(resources, hosts, findings);
        var inbound = InboundPlaces(hosts);
        var logs = AccessLogRules.Compile(resources, findings);
        var certificates = new ServerCertificates(resources, findings);
        var servers = routes.Servers.Select(server => (Server: server, Tls: EndsTls(server) ? certificates.Options(server) : null)).ToArray();
        policies.Report(
            [.. servers.Select(server => (PlaceOf(server.Server), Enumerable.Empty<ClusterKey>())), .. inbound.Select(at => (at.Place, at.Services))],
            findings);
        var callers = servers.Select(server => ClientOf(server.Server)).Concat(_services.Select(service => ClientOf(service, hosts))).Distinct()
            .Select(client => (Client: client, Clusters: ClusterCompiler.Compile(resources, hosts, client, findings))).ToArray();
        var clients = callers.Concat(Authorizing(resources, hosts, policies, inbound, [.. callers.Select(pair => pair.Client)])).ToArray();
        return () =>
        {
            var clusters = clients.ToDictionary(pair => pair.Client, pair => Store(pair.Client).Apply(pair.Clusters));
            Retire(clusters);
            var draft = new Draft(routes, policies, clusters, InboundOf(inbound, policies, clusters), place => logs.For(place, _isLogged));
            return new ProxySet
            {
                Routes = routes,
                Clusters = [.. clusters.Select(pair => (pair.Key, pair.Value))],
                Inbound = draft.Inbound,
                Ports = servers.Where(server => !EndsTls(server.Server))
                    .DistinctBy(server => server.Server.Port)
                    .ToFrozenDictionary(server => server.Server.Port, server => draft.Chain(server.Server)),
                TlsPorts = servers.Where(server => server.Tls is not null).GroupBy(server => server.Server.Port)
                    .ToFrozenDictionary(
                        port => port.Key,
                        port => port.Select(server => new TlsServer(server.Server.Hosts, server.Tls!, draft.Chain(server.Server))).ToImmutableArray()),
                Services = _services.DistinctBy(service => (service.Host, service.Port))
                    .Where(service => routes.Services.ContainsKey((service.Host, service.Port)))
                    .ToFrozenDictionary(service => (service.Host, service.Port), service => draft.Chain(service, hosts)),
            };
        };
    }

    /// <summary>Ends what runs by itself.</summary>
    public void Dispose()
    {
        foreach (var store in _stores.Values)
        {
            store.Dispose();
        }

        _policies.Dispose();
    }

    /// <summary>A plain server has TLS settings too when it redirects to HTTPS.</summary>
    private static bool EndsTls(GatewayServer server) => server.Protocol == "HTTPS";

    private static ClusterClient ClientOf(GatewayServer server) =>
        new(server.Namespace, EquatableCollections.CreateDictionary<string>([.. server.Selector]), IsGateway: true);

    /// <summary>A service is called by others of its own namespace: whose sidecar it is cannot be known here.</summary>
    private static ClusterClient ClientOf(ServiceAddress service, ServiceHosts hosts) =>
        new(hosts.Find(service.Host)?.Namespace ?? ResourceDocument.DefaultNamespace);

    private static ProxyPlace PlaceOf(GatewayServer server) => new(
        ListenerKind.Gateway, server.Gateway[(server.Gateway.IndexOf('/', StringComparison.Ordinal) + 1)..], server.Namespace, server.Selector,
        server.Port);

    /// <summary>The inbound side of each port of each workload, and the services that it serves.</summary>
    private static InboundPlace[] InboundPlaces(ServiceHosts hosts) =>
    [
        .. hosts.All.SelectMany(host => host.Ports.SelectMany(port => port.Endpoints
            .Where(endpoint => endpoint.Workload.Name.Length > 0)
            .Select(endpoint => (Endpoint: endpoint, Service: new ClusterKey(host.Name, port.Number)))))
        .GroupBy(found => (found.Endpoint.Workload, found.Endpoint.Endpoint.Port))
        .Select(group => new InboundPlace(
            new ProxyPlace(ListenerKind.SidecarInbound, group.Key.Workload.Name, group.Key.Workload.Namespace, group.First().Endpoint.Labels,
                group.Key.Port),
            group.Key.Workload, new ClusterClient(group.Key.Workload.Namespace, group.First().Endpoint.Labels),
            [.. group.Select(found => found.Service)])),
    ];

    /// <summary>The clusters of sidecars that ask external authorizers: of those only.</summary>
    private static (ClusterClient Client, ImmutableArray<ClusterDefinition> Clusters)[] Authorizing(
        ResourceSet resources, ServiceHosts hosts, PolicySet policies, IEnumerable<InboundPlace> inbound, HashSet<ClusterClient> known) =>
        inbound.SelectMany(at => policies.AuthorizersOf(at.Place).Select(cluster => (at.Client, Cluster: cluster)))
            .Where(pair => !known.Contains(pair.Client))
            .GroupBy(pair => pair.Client, pair => pair.Cluster)
            .Select(group => (Client: group.Key,
                Clusters: ClusterCompiler.Compile(resources, hosts, group.Key, []).RemoveAll(cluster => !group.Contains(cluster.Key))))
            .ToArray();

    private static InboundPolicies InboundOf(
        IEnumerable<InboundPlace> inbound, PolicySet policies, Dictionary<ClusterClient, ClusterSet> clusters)
    {
        var chains = inbound.ToFrozenDictionary(
            at => (at.Workload, at.Place.Port), at => policies.For(at.Place, clusters.GetValueOrDefault(at.Client)));
        return new InboundPolicies(chains.Where(chain => !chain.Value.Filters.IsEmpty).ToFrozenDictionary());
    }

    private ClusterStore Store(ClusterClient client) =>
        _stores.TryGetValue(client, out var store) ? store : _stores[client] = new ClusterStore(_time, _random);

    private void Retire(Dictionary<ClusterClient, ClusterSet> clusters)
    {
        foreach (var client in _stores.Keys.Except(clusters.Keys).ToArray())
        {
            _stores[client].Dispose();
            _stores.Remove(client);
        }
    }

    /// <summary>The inbound side of a port of a workload.</summary>
    private sealed record InboundPlace(ProxyPlace Place, WorkloadKey Workload, ClusterClient Client, ImmutableArray<ClusterKey> Services);

    /// <summary>What has been compiled, while it is put together.</summary>
    private sealed record Draft(
        IstioRoutes Routes, PolicySet Policies, Dictionary<ClusterClient, ClusterSet> Clusters, InboundPolicies Inbound,
        Func<ProxyPlace, AccessLogRule> AccessLog)
    {
        public FilterChain Chain(GatewayServer server)
        {
            var (place, clusters) = (PlaceOf(server), Clusters[ClientOf(server)]);
            return new FilterChain(
                ListenerKind.Gateway, server.Port, server.Routes, Policies.For(place, clusters), clusters, Routes.Normalization, Inbound)
            {
                AccessLog = AccessLog(place),
                Traffic = new TrafficLabels(WorkloadIdentity.Of(place.Name, server.Namespace, server.Selector)),
            };
        }

        public FilterChain Chain(ServiceAddress service, ServiceHosts hosts)
        {
            var client = ClientOf(service, hosts);
            var place = new ProxyPlace(ListenerKind.SidecarOutbound, "", client.Namespace, NoLabels, service.Port);
            return new FilterChain(
                ListenerKind.SidecarOutbound, service.Port, Routes.Services[(service.Host, service.Port)], Policies.For(place),
                Clusters[client], Routes.Normalization, Inbound)
            {
                AccessLog = AccessLog(place),
            };
        }
    }
}
