using System.Collections.Immutable;
using Gateway.Registry;
using Gateway.Routing.VirtualServices;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Routing;

/// <summary>Compiles the tables of Gateways: servers of one plain port share one, a server that ends TLS has one of its own.</summary>
/// <remarks>
/// istio, pilot/pkg/model/gateway.go, <c>mergeGateways</c>, and pilot/pkg/networking/core/gateway.go, <c>buildGatewayHTTPRouteConfig</c>.
/// </remarks>
internal sealed class GatewayTables
{
    private readonly ImmutableArray<VirtualServiceRules> _services;
    private readonly ServiceHosts _hosts;
    private readonly List<Finding> _findings;

    private GatewayTables(ImmutableArray<VirtualServiceRules> services, ServiceHosts hosts, List<Finding> findings)
    {
        _services = services;
        _hosts = hosts;
        _findings = findings;
    }

    /// <summary>Compiles the servers of all Gateways.</summary>
    /// <param name="gateways">The Gateways.</param>
    /// <param name="services">All VirtualServices, in Istio's order.</param>
    /// <param name="hosts">The services of the mesh.</param>
    /// <param name="findings">Receives what cannot be executed.</param>
    public static ImmutableArray<GatewayServer> Compile(
        IEnumerable<GatewaySource> gateways, ImmutableArray<VirtualServiceRules> services, ServiceHosts hosts, List<Finding> findings)
    {
        var tables = new GatewayTables(services, hosts, findings);
        var ordered = gateways.OrderBy(gateway => gateway.Created).ThenBy(gateway => gateway.Document.Name, StringComparer.Ordinal)
            .ThenBy(gateway => gateway.Document.Namespace, StringComparer.Ordinal);
        // Validation refuses a server without a port; what else is wrong is said all the same.
        var servers = tables.Accept(ordered.SelectMany(gateway => gateway.Servers
            .Where(server => server.Server.Port is { Number: not null, Protocol: not null }).Select(server => (gateway, server))));
        return
        [
            .. servers.GroupBy(pair => TableName(pair.Gateway, pair.Server.Server), StringComparer.Ordinal)
                .SelectMany(group => tables.Servers(group.Key, [.. group])),
        ];
    }

    private static string TableName(GatewaySource gateway, Server server)
    {
        var port = server.Port!;
        return IsPlain(server)
            ? $"http.{port.Number}"
            : $"https.{port.Number}.{port.Name}.{gateway.Name.Split('/')[1]}.{gateway.Document.Namespace}";
    }

    private static bool IsPlain(Server server) =>
        server.Port?.Protocol?.ToUpperInvariant() is "HTTP" or "HTTP2" or "GRPC" or "GRPC-WEB" or "HTTP_PROXY";

    private static bool EndsTls(Server server) => server.Port?.Protocol?.ToUpperInvariant() == "HTTPS"
        && server.Tls is { Mode: not (null or "" or ServerTlsMode.Passthrough or ServerTlsMode.AutoPassthrough) };

    /// <summary>The servers that the door executes, without those that conflict with an earlier one.</summary>
    private List<(GatewaySource Gateway, ServerSource Server)> Accept(IEnumerable<(GatewaySource Gateway, ServerSource Server)> servers)
    {
        var accepted = new List<(GatewaySource Gateway, ServerSource Server)>();
        foreach (var (gateway, source) in servers)
        {
            var same = accepted.Where(other => other.Server.Server.Port!.Number == source.Server.Port?.Number).ToArray();
            if (Refusal(source, same) is { } reason)
            {
                _findings.Report(gateway.Document, source.Field, RoutingCodes.Server, reason);
                continue;
            }

            if (same.Length > 0 && !same.Any(other => IsSamePods(other.Gateway, gateway)))
            {
                _findings.Report(gateway.Document, source.Field, RoutingCodes.SharedPort,
                    $"Gateway {same[0].Gateway.Name} has port {source.Server.Port!.Number} too, in other pods; here one door serves both");
            }

            accepted.Add((gateway, source));
        }

        return accepted;
    }

    private static string? Refusal(ServerSource source, (GatewaySource Gateway, ServerSource Server)[] same)
    {
        var server = source.Server;
        if (!IsPlain(server) && !EndsTls(server))
        {
            var mode = server.Tls?.Mode is { } tls ? $" with TLS mode {tls}" : "";
            return $"the door does not execute {server.Port?.Protocol ?? "a server without protocol"}{mode}";
        }

        if (same.FirstOrDefault(other => IsPlain(other.Server.Server) != IsPlain(server)) is { Gateway: { } conflicting })
        {
            return $"Gateway {conflicting.Name} has port {server.Port!.Number} already, with another protocol; the server is left out";
        }

        var hosts = SniHosts(source);
        var taken = same.FirstOrDefault(other => other.Server.Server.Bind == server.Bind && SniHosts(other.Server).Intersect(hosts).Any());
        return EndsTls(server) && taken.Gateway is { } owner
            ? $"Gateway {owner.Name} has a host of this server on port {server.Port!.Number} already; the server is left out"
            : null;
    }

    private static bool IsSamePods(GatewaySource left, GatewaySource right) =>
        left.Namespace == right.Namespace && left.Selector.Count == right.Selector.Count
        && left.Selector.All(label => right.Selector.TryGetValue(label.Key, out var value) && value == label.Value);

    private static ImmutableArray<string> SniHosts(ServerSource source) =>
        [.. source.Hosts.Select(host => host[(host.IndexOf('/', StringComparison.Ordinal) + 1)..]).Distinct(StringComparer.Ordinal)];

    private IEnumerable<GatewayServer> Servers(string name, (GatewaySource Gateway, ServerSource Server)[] servers)
    {
        var table = new RouteTable(name, VirtualHosts(servers));
        return servers.Select(pair => new GatewayServer(
            pair.Gateway.Name, pair.Server.Server.Name ?? "", (int)pair.Server.Server.Port!.Number!,
            pair.Server.Server.Port.Protocol!.ToUpperInvariant(), SniHosts(pair.Server), pair.Server.Server.Tls, table)
        {
            Selector = pair.Gateway.Selector,
            Namespace = pair.Gateway.Namespace,
            Secrets = pair.Server.Secrets,
            Source = RouteSource.Of(pair.Gateway.Document, pair.Server.Field),
        });
    }

    private ImmutableArray<VirtualHost> VirtualHosts((GatewaySource Gateway, ServerSource Server)[] servers)
    {
        var drafts = new OrderedDictionary<string, VirtualHostDraft>(StringComparer.Ordinal);
        var compiled = new Dictionary<(string Gateway, VirtualServiceRules Service), ImmutableArray<Route>>();
        foreach (var (gateway, source) in servers)
        {
            // With httpsRedirect the hosts of the server answer plain requests with a redirect, whether they have routes or not.
            var redirects = source.Server.Tls?.HttpsRedirect == true;
            foreach (var (host, routes) in Routes(gateway, source, compiled))
            {
                var draft = Draft(drafts, host);
                draft.Routes.AddRange(routes);
                draft.RequiresTls |= redirects;
            }

            foreach (var host in source.Hosts.Where(host => redirects && !host.Contains('/')))
            {
                Draft(drafts, host).RequiresTls = true;
            }
        }

        var port = servers[0].Server.Server.Port!.Number;
        return
        [
            .. drafts.GroupBy(draft => draft.Value, VirtualHostDraft.SameRoutes).Select(group =>
                new VirtualHost($"{group.First().Key}:{port}", [.. group.Select(draft => draft.Key)], group.Key.InOrder())
                {
                    RequiresTls = group.Key.RequiresTls,
                }),
        ];
    }

    /// <summary>The routes that the VirtualServices of a Gateway have for the hosts of one of its servers.</summary>
    private IEnumerable<(string Host, ImmutableArray<Route> Routes)> Routes(
        GatewaySource gateway,
        ServerSource source,
        Dictionary<(string Gateway, VirtualServiceRules Service), ImmutableArray<Route>> compiled)
    {
        foreach (var service in ServicesOf(gateway))
        {
            var hosts = HostNames.Intersect(HostNames.ForNamespace(source.Hosts, service.Namespace), service.Hosts).ToArray();
            if (hosts.Length == 0)
            {
                continue;
            }

            if (!compiled.TryGetValue((gateway.Name, service), out var routes))
            {
                compiled[(gateway.Name, service)] = routes = RuleCompiler.Compile(service, Listener(gateway, source.Server), _findings);
            }

            foreach (var host in routes.IsEmpty ? [] : hosts)
            {
                yield return (host, routes);
            }
        }
    }

    private static VirtualHostDraft Draft(OrderedDictionary<string, VirtualHostDraft> drafts, string host)
    {
        var name = host.ToLowerInvariant();
        if (!drafts.TryGetValue(name, out var draft))
        {
            drafts.Add(name, draft = new VirtualHostDraft());
        }

        return draft;
    }

    /// <summary>The VirtualServices of a Gateway: the private ones of its namespace, those exported to it, then all others.</summary>
    private IEnumerable<VirtualServiceRules> ServicesOf(GatewaySource gateway) => _services
        .Where(service => service.Gateways.Contains(gateway.Name) && service.Nearness(gateway.Namespace) is not null)
        .OrderBy(service => service.Nearness(gateway.Namespace))
        .ThenByDescending(service => service.HasGatewaySemantics && service.Namespace == gateway.Namespace);

    private ProxyListener Listener(GatewaySource gateway, Server server)
    {
        var port = (int)server.Port!.Number!;
        return new ProxyListener(gateway.Name, port, gateway.Namespace)
        {
            IsTls = server.Tls is not null,
            Labels = gateway.Selector,
            DefaultPort = host => _hosts.Find(host, gateway.Namespace)?.Ports is [var only] ? only.Number : port,
        };
    }
}

/// <summary>A virtual host while its routes are collected.</summary>
internal sealed class VirtualHostDraft
{
    /// <summary>Compares by the routes themselves, so that hosts with the same ones become one.</summary>
    public static readonly IEqualityComparer<VirtualHostDraft> SameRoutes = EqualityComparer<VirtualHostDraft>.Create(
        (left, right) => ReferenceEquals(left, right)
            || (left!.RequiresTls == right!.RequiresTls && left.Routes.SequenceEqual(right.Routes, ReferenceEqualityComparer.Instance)),
        draft => HashCode.Combine(draft.RequiresTls, draft.Routes.Count, draft.Routes.Count > 0 ? draft.Routes[0] : null));

    public List<Route> Routes { get; } = [];

    public bool RequiresTls { get; set; }

    /// <summary>The routes in order; those that take everything go last, so that one VirtualService does not hide another.</summary>
    public ImmutableArray<Route> InOrder() => [.. Routes.OrderBy(route => route.Matcher.IsCatchAll)];
}
