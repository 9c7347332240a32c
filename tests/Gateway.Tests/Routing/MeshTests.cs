namespace Gateway.Tests.Routing;

/// <summary>Calls between services: what the caller's sidecar would do.</summary>
public sealed class MeshTests
{
    private static IEnumerable<string> Services => [CompiledRoutes.Service("ping:8080,9090"), CompiledRoutes.Service("pong:8080"), CompiledRoutes.Service("web:80")];

    private static string To(string service) => $"- {{route: [{{destination: {{host: {service}}}}}]}}";

    [Fact]
    public void A_service_without_rules_is_reached_as_it_is()
    {
        var routes = CompiledRoutes.Of(Services);
        Assert.Equal("ping:8080 /x?y", routes.Call("GET ping:8080 /x?y", "ping"));
        Assert.Equal("ping:9090 /", routes.Call("GET ping:9090 /", "ping", 9090));
        var route = routes.Routes.Services[("ping.default.svc.cluster.local", 8080)].VirtualHosts[0].Routes[0];
        Assert.Equal(("default", 2, (TimeSpan?)null), (route.Name, route.Forward!.Retry.Attempts, route.Forward.Timeout));
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("ping:8080")]
    [InlineData("ping.default")]
    [InlineData("ping.default.svc")]
    [InlineData("ping.default.svc.cluster.local")]
    [InlineData("ping.default.svc.cluster.local.")]
    [InlineData("PING.default")]
    [InlineData("127.0.0.1:54321")]
    [InlineData("localhost:54321")]
    [InlineData("")]
    public void All_names_of_a_service_and_the_address_that_stands_for_it_mean_the_service(string authority) =>
        Assert.Equal("ping:8080 /", CompiledRoutes.Of(Services).Call($"GET {authority} /", "ping"));

    [Fact]
    public void The_host_of_another_service_on_the_port_goes_there_as_in_a_sidecar()
    {
        Assert.Equal("pong:8080 /", CompiledRoutes.Of(Services).Call("GET pong /", "ping"));
        Assert.Equal("ping:8080 /", CompiledRoutes.Of(Services).Call("GET web /", "ping"));
    }

    [Theory]
    [InlineData("mesh", "rules")]
    [InlineData("", "rules")]
    [InlineData("gateway, mesh", "rules")]
    [InlineData("gateway", "ping")]
    public void Rules_are_for_calls_when_they_name_mesh_or_no_gateway(string gateways, string expected) =>
        Assert.StartsWith(expected == "rules" ? "pong" : "ping", CompiledRoutes.Of(
            [.. Services, CompiledRoutes.VirtualService("a", "ping", gateways, To("pong"))]).Call("GET ping /", "ping"));

    [Theory]
    [InlineData("ping", "pong:8080 /")]
    [InlineData("ping.default.svc.cluster.local", "pong:8080 /")]
    [InlineData("'*.default.svc.cluster.local'", "pong:8080 /")]
    [InlineData("'*'", "pong:8080 /")]
    // a name in the middle is no service to Istio
    [InlineData("ping.default", "ping:8080 /")]
    [InlineData("web", "ping:8080 /")]
    public void A_VirtualServices_hosts_are_services(string hosts, string expected) => Assert.Equal(expected, CompiledRoutes.Of(
        [.. Services, CompiledRoutes.VirtualService("a", hosts, "", To("pong"))]).Call("GET ping /", "ping"));

    [Fact]
    public void Of_several_for_one_service_only_the_first_counts()
    {
        var routes = CompiledRoutes.Of(
        [
            .. Services,
            CompiledRoutes.VirtualService("a", "ping", "", "- {match: [{uri: {prefix: /a}}], route: [{destination: {host: pong}}]}"),
            CompiledRoutes.VirtualService("b", "ping", "", "- {match: [{uri: {prefix: /b}}], route: [{destination: {host: pong}}]}"),
        ]);
        Assert.Equal("pong:8080 /a", routes.Call("GET ping /a", "ping"));
        Assert.Equal("404", routes.Call("GET ping /b", "ping"));
    }

    [Fact]
    public void The_most_specific_host_counts_among_wildcards()
    {
        var routes = CompiledRoutes.Of(
        [
            .. Services,
            CompiledRoutes.VirtualService("a", "'*'", "", To("web")),
            CompiledRoutes.VirtualService("b", "'*.default.svc.cluster.local'", "", To("pong")),
        ]);
        Assert.Equal("pong:8080 /", routes.Call("GET ping /", "ping"));
    }

    [Theory]
    // Without a port the destination has the port of the listener, whatever ports it has.
    [InlineData("pong", "pong:8080 /")]
    [InlineData("web", "web:8080 /")]
    [InlineData("web, port: {number: 80}", "web:80 /")]
    [InlineData("ping, subset: v2", "ping:8080/v2 /")]
    public void Destinations(string destination, string expected) => Assert.Equal(expected, CompiledRoutes.Of(
        [.. Services, CompiledRoutes.VirtualService("a", "ping", "", To(destination))]).Call("GET ping /", "ping"));

    [Theory]
    [InlineData(8080, "pong:8080 /")]
    [InlineData(9090, "404")]
    public void A_match_by_port_is_by_the_services_port(int port, string expected) => Assert.Equal(expected, CompiledRoutes.Of(
        [.. Services, CompiledRoutes.VirtualService("a", "ping", "", "- {match: [{port: 8080}, {port: 9090, uri: {exact: /9}}], route: [{destination: {host: pong}}]}")])
        .Call("GET ping /", "ping", port));

    [Fact]
    public void A_rule_without_a_route_for_the_port_leaves_the_service_its_default() => Assert.Equal("ping:9090 /", CompiledRoutes.Of(
        [.. Services, CompiledRoutes.VirtualService("a", "ping", "", "- {match: [{port: 8080}], route: [{destination: {host: pong}}]}")])
        .Call("GET ping /", "ping", 9090));

    [Theory]
    [InlineData("sourceLabels: {app: web}", "GWY057")]
    [InlineData("sourceNamespace: elsewhere", null)]
    public void What_depends_on_the_caller_takes_no_request(string match, string? code)
    {
        var routes = CompiledRoutes.Of([.. Services, CompiledRoutes.VirtualService("a", "ping", "", $$$"""
            - match: [{ {{{match}}} }]
              route: [{destination: {host: pong}}]
            - route: [{destination: {host: ping}}]
            """)]);
        Assert.Equal("ping:8080 /", routes.Call("GET ping /", "ping"));
        Assert.Equal(code, routes.Findings.SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData("['*']", "pong.default.svc.cluster.local:8080 /")]
    [InlineData("[.]", "ping:8080 /")]
    [InlineData("[default]", "pong.default.svc.cluster.local:8080 /")]
    public void The_caller_is_taken_to_be_of_the_services_namespace(string exportTo, string expected) => Assert.Equal(expected.Replace(".default.svc.cluster.local", ""), CompiledRoutes.Of(
        [.. Services, CompiledRoutes.VirtualService("a.team", "ping.default.svc.cluster.local", "", To("pong.default.svc.cluster.local"), $"exportTo: {exportTo}")])
        .Call("GET ping /", "ping"));

    [Fact]
    public void On_port_80_and_on_no_other_a_host_may_be_no_service()
    {
        string[] documents = [.. Services, CompiledRoutes.VirtualService("a", "shop.example.com", "", To("pong"))];
        Assert.Equal("pong:80 /", CompiledRoutes.Of(documents).Call("GET shop.example.com /", "web", 80));
        Assert.Equal("ping:8080 /", CompiledRoutes.Of(documents).Call("GET shop.example.com /", "ping"));
    }

    [Fact]
    public void A_port_without_a_declared_protocol_has_routes_of_its_own()
    {
        var routes = CompiledRoutes.Of(CompiledRoutes.Service("ping:8080").Replace("name: http-8080", "name: main"), CompiledRoutes.Service("pong:8080"));
        Assert.Equal("ping:8080 /", routes.Call("GET pong /", "ping"));
        Assert.Equal("ping:8080 /", routes.Call("GET ping /", "pong"));
    }

    [Fact]
    public void A_port_that_is_no_HTTP_has_no_routes() => Assert.Equal("no listener", CompiledRoutes.Of(
        CompiledRoutes.Service("ping:8080").Replace("name: http-8080", "name: tcp-db")).Call("GET ping /", "ping"));

    [Theory]
    [InlineData("db-0.ping", "ping:8080 /")]
    [InlineData("db-0.ping.default.svc.cluster.local:8080", "ping:8080 /")]
    [InlineData("db-0.pong", "pong:8080 /")]
    public void The_pods_of_a_headless_service_are_called_by_their_names(string authority, string expected) => Assert.Equal(expected, CompiledRoutes.Of(
        CompiledRoutes.Service("ping:8080").Replace("selector:", "clusterIP: None\n  selector:"), CompiledRoutes.Service("pong:8080"))
        .Call($"GET {authority} /", "pong"));

    [Fact]
    public void A_ServiceEntrys_host_is_a_service()
    {
        var routes = CompiledRoutes.Of("""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: { name: api }
            spec: {hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, location: MESH_EXTERNAL}

            """, CompiledRoutes.Service("ping:80"), CompiledRoutes.VirtualService("a", "api.example.com", "", "- {match: [{uri: {prefix: /v1}}], route: [{destination: {host: ping}}]}"));
        Assert.Equal("ping:80 /v1", routes.Call("GET api.example.com /v1", "api.example.com", 80));
        Assert.Equal("404", routes.Call("GET api.example.com /v2", "api.example.com", 80));
        Assert.Equal("ping:80 /v1", routes.Call("GET api.example.com /v1", "ping", 80));
    }
}
