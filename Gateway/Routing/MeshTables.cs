using System.Collections.Frozen;
using System.Collections.Immutable;
using Gateway.Clusters;
using Gateway.Registry;
using Gateway.Routing.VirtualServices;
using Istio.Documents;

namespace Gateway.Routing;

/// <summary>
/// Compiles the tables of the mesh role: for each service port what the sidecar of a caller in the service's own namespace would have. Of
/// several VirtualServices for one host the first counts; a service without one has a route of Istio's own.
/// </summary>
/// <remarks>
/// istio, pilot/pkg/networking/core/httproute.go, <c>BuildSidecarOutboundVirtualHosts</c>, and route/route.go,
/// <c>BuildSidecarVirtualHostWrapper</c>. A sidecar has one table for all services of a port. So has the mesh role, save that a host name
/// that is none of theirs, such as the loopback address that stands for the service here, means the service itself.
/// </remarks>
internal sealed class MeshTables
{
    // On this port, and on no other, VirtualServices may have hosts that are no services.
    private const int HttpPort = 80;

    private readonly ImmutableArray<VirtualServiceRules> _services;
    private readonly ServiceHosts _hosts;
    private readonly List<Finding> _findings;

    private MeshTables(ImmutableArray<VirtualServiceRules> services, ServiceHosts hosts, List<Finding> findings)
    {
        _services = services;
        _hosts = hosts;
        _findings = findings;
    }

    /// <summary>Compiles the tables of all service ports that speak HTTP.</summary>
    /// <param name="services">All VirtualServices, in Istio's order.</param>
    /// <param name="hosts">The services of the mesh.</param>
    /// <param name="findings">Receives what cannot be executed.</param>
    public static FrozenDictionary<(string Host, int Port), RouteTable> Compile(
        ImmutableArray<VirtualServiceRules> services, ServiceHosts hosts, List<Finding> findings)
    {
        var tables = new MeshTables([.. services.Where(service => service.Gateways.Contains(VirtualServiceRules.Mesh))], hosts, findings);
        var result = new Dictionary<(string Host, int Port), RouteTable>();
        foreach (var viewer in hosts.All.Select(host => host.Namespace).Distinct(StringComparer.Ordinal))
        {
            var own = hosts.VisibleTo(viewer).Where(host => host.Namespace == viewer)
                .SelectMany(host => host.Ports.Where(IsHttp).Select(port => (Host: host, Port: port)));
            foreach (var listener in own.GroupBy(pair => pair.Port.Number))
            {
                var virtualHosts = tables.VirtualHosts(viewer, listener.Key);
                foreach (var (host, port) in listener)
                {
                    result.TryAdd((host.Name, port.Number), Table(host, port, virtualHosts));
                }
            }
        }

        return result.ToFrozenDictionary();
    }

    /// <summary>A port whose requests are routed: HTTP, or not declared, so that Istio looks at the bytes.</summary>
    private static bool IsHttp(HostPort port) =>
        port.Protocol is PortProtocol.Http or PortProtocol.Http2 or PortProtocol.Grpc or PortProtocol.GrpcWeb or PortProtocol.HttpProxy
            or PortProtocol.Unsupported;

    private static RouteTable Table(ServiceHost host, HostPort port, ImmutableArray<(ServiceHost? Owner, VirtualHost Host)> all)
    {
        // A port that is not declared has a listener of its own for each service; a declared one is shared by all services of the port.
        var isShared = port.Protocol != PortProtocol.Unsupported;
        var hosts = all.Where(pair => ReferenceEquals(pair.Owner, host) || isShared).Select(pair => ReferenceEquals(pair.Owner, host)
            ? new VirtualHost(pair.Host.Name, isShared ? [.. pair.Host.Domains, "*"] : ["*"], pair.Host.Routes)
            : pair.Host);
        return new RouteTable(isShared ? $"{port.Number}" : $"{host.Name}:{port.Number}", [.. hosts]);
    }

    private ImmutableArray<(ServiceHost? Owner, VirtualHost Host)> VirtualHosts(string viewer, int port)
    {
        var registry = new OrderedDictionary<string, ServiceHost>(StringComparer.Ordinal);
        foreach (var host in _hosts.VisibleTo(viewer).Where(host => host.FindPort(port) is { } found && IsHttp(found)))
        {
            registry.TryAdd(host.Name.ToLowerInvariant(), host);
        }

        var drafts = Drafts(viewer, port, registry);
        var served = drafts.Where(draft => draft.Owner is not null).Select(draft => draft.Owner!.Name).ToHashSet(StringComparer.Ordinal);
        drafts.AddRange(registry.Values.Where(host => !served.Contains(host.Name))
            .Select(host => (host.Name, (ServiceHost?)host, DefaultRoutes(host, port))));
        return [.. Distinct(drafts, viewer, port)];
    }

    /// <summary>The hosts of the VirtualServices, in order, with the services they are.</summary>
    private List<(string Name, ServiceHost? Owner, ImmutableArray<Route> Routes)> Drafts(
        string viewer, int port, OrderedDictionary<string, ServiceHost> registry)
    {
        var services = _services.Where(service => service.Nearness(viewer) is not null).OrderBy(service => service.Nearness(viewer))
            .ThenByDescending(service => service.HasGatewaySemantics && service.Namespace == viewer).ToArray();
        var listener = new ProxyListener(VirtualServiceRules.Mesh, port, viewer) { DefaultPort = _ => port };
        var drafts = new List<(string, ServiceHost?, ImmutableArray<Route>)>();
        foreach (var service in services)
        {
            var (owners, others) = Split(service, services, registry);
            if (service.HasGatewaySemantics)
            {
                owners.RemoveAll(owner => owner.Namespace != service.Namespace && viewer != service.Namespace);
            }

            if (owners.Count == 0 && (port != HttpPort || service.HasGatewaySemantics))
            {
                continue;
            }

            var routes = RuleCompiler.Compile(service, listener, _findings);
            if (!routes.IsEmpty)
            {
                drafts.AddRange(others.Select(name => (name, (ServiceHost?)null, routes)));
                drafts.AddRange(owners.Select(owner => (owner.Name, (ServiceHost?)owner, routes)));
            }
        }

        return drafts;
    }

    /// <summary>Which of a VirtualService's hosts are services, and which are not.</summary>
    private static (List<ServiceHost> Owners, List<string> Others) Split(
        VirtualServiceRules service, VirtualServiceRules[] all, OrderedDictionary<string, ServiceHost> registry)
    {
        var (owners, others) = (new List<ServiceHost>(), new List<string>());
        foreach (var name in service.Hosts.Select(host => host.ToLowerInvariant()).OrderBy(host => host.StartsWith('*')))
        {
            if (registry.TryGetValue(name, out var exact) && !name.StartsWith('*'))
            {
                owners.Add(exact);
                continue;
            }

            var matched = name.StartsWith('*') && !service.HasGatewaySemantics
                ? registry.Where(entry => HostNames.Overlap(entry.Key, name)).ToArray()
                : [];
            owners.AddRange(matched.Where(entry => MostSpecific(entry.Key, all) == service).Select(entry => entry.Value));
            if (matched.Length == 0)
            {
                others.Add(name);
            }
        }

        return ([.. owners.Distinct()], others);
    }

    /// <summary>Of all VirtualServices the one with the most specific host for a service; of equal ones the first.</summary>
    private static VirtualServiceRules? MostSpecific(string name, VirtualServiceRules[] services) => services
        .SelectMany(service => service.Hosts.Where(host => HostNames.IsSubset(name, host)).Select(host => (service, host)))
        .OrderBy(pair => pair.host.StartsWith('*')).ThenByDescending(pair => pair.host.Length).FirstOrDefault().service;

    /// <summary>Of two hosts of one name the first counts, and so it does for each single domain.</summary>
    private static IEnumerable<(ServiceHost? Owner, VirtualHost Host)> Distinct(
        List<(string Name, ServiceHost? Owner, ImmutableArray<Route> Routes)> drafts, string viewer, int port)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var domains = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var full = drafts.Where(draft => draft.Owner is not null).Select(draft => draft.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, owner, routes) in drafts.Where(draft => names.Add(draft.Name)))
        {
            var own = Domains(name, owner, viewer)
                .Where(domain => (domain == name || !full.Contains(domain)) && domains.Add(domain)).ToImmutableArray();
            if (!own.IsEmpty)
            {
                yield return (owner, new VirtualHost($"{name}:{port}", own, routes));
            }
        }
    }

    /// <summary>All names by which callers of a namespace reach a service; of a headless one the pods' names, too.</summary>
    private static IEnumerable<string> Domains(string name, ServiceHost? owner, string viewer)
    {
        if (owner is null)
        {
            return [name];
        }

        string[] names = [name, .. name.StartsWith('*') ? [] : ShortNames(name, owner, viewer)];
        return
        [
            .. names,
            .. owner.IsHeadless ? names.Select(known => $"*.{known}") : [],
            .. owner.Addresses.Where(address => !address.Contains('/')).Select(address => address.Contains(':') ? $"[{address}]" : address),
        ];
    }

    private static IEnumerable<string> ShortNames(string name, ServiceHost owner, string viewer)
    {
        yield return name + ".";
        var svc = name.IndexOf(".svc.", StringComparison.Ordinal);
        if (owner.IsKubernetes && svc > 0)
        {
            yield return name[..svc];
            yield return name[..svc] + ".svc";
            if (owner.Namespace == viewer)
            {
                yield return name[..name.IndexOf('.', StringComparison.Ordinal)];
            }
        }
    }

    private static ImmutableArray<Route> DefaultRoutes(ServiceHost host, int port) =>
    [
        new Route
        {
            Name = "default",
            Source = default,
            Matcher = RouteMatcher.Any,
            Forward = new ForwardAction([new WeightedCluster(new ClusterKey(host.Name, port), 1)]),
        },
    ];
}
