using System.Collections.Immutable;
using Gateway.Registry;
using Gateway.Requests;
using Gateway.Routing;
using Gateway.Routing.GatewayApi;
using Gateway.Routing.VirtualServices;
using Istio.Documents;
using Istio.Networking;
using Route = Gateway.Routing.Route;

namespace Gateway.RoutingTests;

/// <summary>
/// The routes that tests are asked of. Tests name no gateway, and the folder they are for often has VirtualServices alone: a Gateway that
/// is not there is taken to let every host in at port 80, and calls within the mesh are asked by the hosts as they are written.
/// </summary>
internal sealed class TestedMesh
{
    private const int HttpPort = 80;

    private readonly ImmutableArray<RouteTable> _tables;
    private readonly PathNormalization _normalization;

    private TestedMesh(ImmutableArray<RouteTable> tables, PathNormalization normalization) =>
        (_tables, _normalization) = (tables, normalization);

    /// <summary>Compiles documents.</summary>
    public static TestedMesh Compile(ResourceSet resources, List<Finding> findings)
    {
        var hosts = ServiceHosts.Build(resources, findings);
        var listeners = ListenerReader.Read(resources);
        ImmutableArray<VirtualServiceRules> services =
        [
            .. VirtualServiceRules.Order(
            [
                .. VirtualServiceReader.Read(resources, findings, keepsMissing: true),
                .. HttpRouteReader.Read(resources, listeners, findings),
            ]),
        ];
        GatewaySource[] declared = [.. GatewayReader.Read(resources, findings), .. listeners.Select(listener => listener.Gateway)];
        var names = declared.Select(gateway => gateway.Name).ToHashSet(StringComparer.Ordinal);
        var missing = services.SelectMany(service => service.Gateways.Select(gateway => (gateway, service)))
            .Where(pair => pair.gateway != VirtualServiceRules.Mesh && !names.Contains(pair.gateway)).DistinctBy(pair => pair.gateway)
            .Select(pair => Undeclared(pair.gateway, pair.service));
        var servers = GatewayTables.Compile([.. declared, .. missing], services, hosts, findings);
        var mesh = new RouteTable(VirtualServiceRules.Mesh, [.. MeshHosts(services, hosts, findings)]);
        return new TestedMesh(
            [.. servers.Select(server => server.Routes).Distinct(), mesh], PathNormalizationReader.Read(resources, findings));
    }

    /// <summary>The rule that takes a request, at the gateways first and then within the mesh; null when none does.</summary>
    public Route? Find(TestedRequest request)
    {
        if (!_normalization.TryNormalize(request.Uri, out var path, out var query))
        {
            return null;
        }

        var head = new RequestHead
        {
            Method = request.Method,
            Authority = request.Authority,
            Path = path,
            Query = query,
            DestinationPort = HttpPort,
        };
        foreach (var (name, value) in request.Headers)
        {
            head.Headers[name] = value;
        }

        return _tables.Select(table => table.FindHost(request.Authority)?.Find(head)).FirstOrDefault(route => route is not null);
    }

    private static GatewaySource Undeclared(string name, VirtualServiceRules service)
    {
        var server = new Server { Port = new Port { Number = HttpPort, Name = "http", Protocol = "HTTP" }, Hosts = ["*"] };
        return new GatewaySource(service.Document, name, [new ServerSource(server, "spec.gateways", ["*"])])
        {
            Namespace = service.Namespace,
            Selector = new Dictionary<string, string>(),
        };
    }

    /// <summary>Of several VirtualServices for one host the first counts, as in a sidecar.</summary>
    private static IEnumerable<VirtualHost> MeshHosts(
        ImmutableArray<VirtualServiceRules> services, ServiceHosts hosts, List<Finding> findings)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var service in services.Where(service => service.Gateways.Contains(VirtualServiceRules.Mesh)))
        {
            foreach (var host in service.Hosts.Where(taken.Add))
            {
                var port = hosts.Find(host)?.Ports is [var first, ..] ? first.Number : HttpPort;
                var listener = new ProxyListener(VirtualServiceRules.Mesh, port, service.Namespace) { DefaultPort = _ => port };
                var routes = RuleCompiler.Compile(service, listener, findings);
                yield return new VirtualHost($"{host}:{port}", [.. Names(host, service.Namespace)], routes);
            }
        }
    }

    /// <summary>A host, and for a service of the namespace its shorter names.</summary>
    private static IEnumerable<string> Names(string host, string @namespace)
    {
        var suffix = $".{@namespace}.svc.cluster.local";
        return host.EndsWith(suffix, StringComparison.Ordinal)
            ? [host, host[..^suffix.Length], $"{host[..^suffix.Length]}.{@namespace}", $"{host[..^suffix.Length]}.{@namespace}.svc"]
            : [host];
    }
}
