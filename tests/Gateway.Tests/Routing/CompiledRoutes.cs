using System.Text;
using Gateway.Registry;
using Gateway.Requests;
using Gateway.Routing;
using Gateway.Tests.Support;
using Istio.Documents;

namespace Gateway.Tests.Routing;

/// <summary>Documents compiled to routes, and what becomes of requests, written short.</summary>
internal sealed class CompiledRoutes
{
    private const string Suffix = ".default.svc.cluster.local";

    private readonly Random _random = new(7);

    private CompiledRoutes(IstioRoutes routes, List<Finding> findings) => (Routes, Findings) = (routes, findings);

    public IstioRoutes Routes { get; }

    public List<Finding> Findings { get; }

    /// <summary>Services ping, pong and pang with the ports 80 and 8080, or those given as <c>name.namespace:port,port</c>.</summary>
    public static CompiledRoutes Of(params IEnumerable<string> documents)
    {
        var resources = ResourceReader.ReadText(Documents.Join(documents), "mesh.yaml");
        Assert.Empty(resources.Findings);
        var findings = new List<Finding>();
        return new CompiledRoutes(RouteCompiler.Compile(resources, ServiceHosts.Build(resources, findings), findings), findings);
    }

    /// <summary>The default Gateway, the services ping, pong and pang at port 8080, and a VirtualService with these rules.</summary>
    public static CompiledRoutes OfRules(string http) => Of([.. Basics, VirtualService("rules", "'*'", "gateway", http)]);

    public static IEnumerable<string> Basics => [Gateway("gateway", "'*'"), Service("ping:8080"), Service("pong:8080"), Service("pang:8080")];

    public static string Gateway(string name, string hosts, string server = "port: {number: 80, name: http, protocol: HTTP}") => $$"""
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: { name: {{Name(name)}}, namespace: {{Namespace(name)}} }
        spec:
          selector: {app: door}
          servers: [{ {{server}}, hosts: [{{hosts}}] }]

        """;

    /// <summary>A Service; <paramref name="text"/> is <c>name[.namespace]:port,port</c>.</summary>
    public static string Service(string text)
    {
        var parts = text.Split(':');
        return $$"""
            apiVersion: v1
            kind: Service
            metadata: { name: {{Name(parts[0])}}, namespace: {{Namespace(parts[0])}} }
            spec:
              selector: { app: {{Name(parts[0])}} }
              ports: [{{string.Join(", ", parts[1].Split(',').Select(port => $"{{name: http-{port}, port: {port}}}"))}}]

            """;
    }

    /// <summary>A VirtualService; <paramref name="name"/> may have a namespace and <paramref name="more"/> further members of the spec.</summary>
    public static string VirtualService(string name, string hosts, string gateways, string http, string more = "") => $$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: {{Name(name)}}, namespace: {{Namespace(name)}} }
        spec:
          {{(hosts.Length > 0 ? $"hosts: [{hosts}]" : "exportTo: ['*']")}}
          {{(gateways.Length > 0 ? $"gateways: [{gateways}]" : "")}}
          {{more}}
          http:
        {{Indent(http)}}

        """;

    /// <summary>What becomes of a request at the Gateway's port: <c>METHOD authority target [| header: value]...</c>.</summary>
    public string Ask(string request, int port = 80) =>
        Describe(Parse(request, port), Routes.Servers.FirstOrDefault(server => server.Port == port)?.Routes);

    /// <summary>What becomes of a call to a service in the mesh role.</summary>
    public string Call(string request, string service, int port = 8080) =>
        Describe(Parse(request, port), Routes.Services.GetValueOrDefault((service.Contains('.') ? service : service + Suffix, port)));

    public RequestHead Parse(string request, int port = 80)
    {
        var parts = request.Split(" | ");
        var line = parts[0].Split(' ', 3);
        var scheme = port == 443 ? "https" : "http";
        Assert.True(Routes.Normalization.TryNormalize(line[2], out var path, out var query));
        var head = new RequestHead { Method = line[0], Scheme = scheme, Authority = line[1], Path = path, Query = query, DestinationPort = port };
        foreach (var header in parts.Skip(1).Select(text => text.Split(": ", 2)))
        {
            head.Headers[header[0]] = Microsoft.Extensions.Primitives.StringValues.Concat(head.Headers[header[0]], header[1]);
        }

        return head;
    }

    public RouteMatch Match(RequestHead request, int port = 80) => Routes.Servers.First(server => server.Port == port).Routes.Match(request, _random);

    private string Describe(RequestHead request, RouteTable? table)
    {
        switch (table?.Match(request, _random))
        {
            case null:
                return "no listener";
            case { Route: null }:
                return "404";
            case { Route.Redirect: { } redirect }:
                return $"{redirect.Status} {redirect.Location(request)}";
            case { Route.DirectResponse: { } response }:
                return $"{response.Status} {Encoding.UTF8.GetString(response.Body.Span)}".TrimEnd();
            case { Route: { } route, Cluster: { } cluster }:
                var authority = request.Authority;
                route.PrepareRequest(request, cluster);
                var key = cluster.Key;
                var subset = key.Subset.Length > 0 ? $"/{key.Subset}" : "";
                return $"{key.Host.Replace(Suffix, "")}:{key.Port}{subset} {request.Path}{request.Query}"
                    + (request.Authority == authority ? "" : $" Host {request.Authority}");
            default:
                return "?";
        }
    }

    private static string Name(string text) => text.Split('.')[0];

    private static string Namespace(string text) => text.Contains('.') ? text.Split('.')[1] : "default";

    private static string Indent(string text) => string.Join('\n', text.TrimEnd().Split('\n').Select(line => "  " + line));
}
