using Gateway.Routing;
using Gateway.Tests.Support;

namespace Gateway.Tests.Routing;

/// <summary>Which VirtualServices a Gateway executes, for which hosts, and how several for one host become one.</summary>
public sealed class GatewayTests
{
    private static string To(string service) => $"- {{route: [{{destination: {{host: {service}}}}}]}}";

    [Theory]
    [InlineData("a.example.com", "ping")]
    [InlineData("A.Example.COM", "ping")]
    [InlineData("a.example.com:8081", "ping")]
    [InlineData("b.example.com", "pong")]
    [InlineData("x.b.example.com", "pong")]
    [InlineData("example.com", "pang")]
    [InlineData("x-deep.example.org", "pong")]
    [InlineData("-deep.example.org", "pang")]
    [InlineData("other", "pang")]
    [InlineData("[::1]:8081", "pang")]
    public void An_exact_host_goes_before_a_wildcard_and_a_long_wildcard_before_a_short_one(string authority, string service) =>
        Assert.StartsWith(service, CompiledRoutes.Of(
        [
            .. CompiledRoutes.Basics,
            CompiledRoutes.VirtualService("a", "'*'", "gateway", To("pang")),
            CompiledRoutes.VirtualService("b", "'*.example.com'", "gateway", To("pong")),
            CompiledRoutes.VirtualService("c", "a.example.com", "gateway", To("ping")),
            CompiledRoutes.VirtualService("d", "'*.com'", "gateway", To("pang")),
            CompiledRoutes.VirtualService("e", "'*-deep.example.org'", "gateway", To("pong")),
        ]).Ask($"GET {authority} /"));

    [Fact]
    public void A_host_without_a_VirtualService_is_unknown()
    {
        var routes = CompiledRoutes.Of([.. CompiledRoutes.Basics, CompiledRoutes.VirtualService("a", "a.example.com", "gateway", To("ping"))]);
        Assert.Equal("404", routes.Ask("GET b.example.com /"));
        Assert.Equal("404", CompiledRoutes.Of(CompiledRoutes.Basics).Ask("GET b.example.com /"));
    }

    [Theory]
    // server hosts, namespace of the VirtualService, its hosts, request, taken
    [InlineData("'*'", "default", "a.example.com", "a.example.com", true)]
    [InlineData("'*.example.com'", "default", "a.example.com", "a.example.com", true)]
    [InlineData("'*.example.com'", "default", "a.example.org", "a.example.org", false)]
    [InlineData("a.example.com", "default", "'*.example.com'", "a.example.com", true)]
    [InlineData("a.example.com", "default", "'*.example.com'", "b.example.com", false)]
    [InlineData("'*.example.com'", "default", "'*'", "b.example.com", true)]
    [InlineData("'*.example.com'", "default", "'*'", "b.example.org", false)]
    [InlineData("'*.b.example.com'", "default", "'*.example.com'", "a.b.example.com", true)]
    [InlineData("'*.b.example.com'", "default", "'*.example.com'", "a.example.com", false)]
    [InlineData("./a.example.com", "default", "a.example.com", "a.example.com", true)]
    [InlineData("./a.example.com", "team", "a.example.com", "a.example.com", false)]
    [InlineData("team/a.example.com", "team", "a.example.com", "a.example.com", true)]
    [InlineData("team/a.example.com", "default", "a.example.com", "a.example.com", false)]
    [InlineData("'*/a.example.com'", "team", "a.example.com", "a.example.com", true)]
    [InlineData("'team/*'", "team", "a.example.com", "a.example.com", true)]
    [InlineData("'*/*'", "team", "a.example.com", "a.example.com", true)]
    // a short host is the service's full name, at a gateway too
    [InlineData("'*'", "default", "ping", "ping", false)]
    [InlineData("'*'", "default", "ping", "ping.default.svc.cluster.local", true)]
    public void A_servers_hosts_restrict_hosts_and_namespaces(string server, string space, string hosts, string authority, bool taken) =>
        Assert.Equal(taken ? "ping:8080 /" : "404", CompiledRoutes.Of(
            CompiledRoutes.Gateway("gateway", server), CompiledRoutes.Service("ping:8080"),
            CompiledRoutes.VirtualService($"a.{space}", hosts, "default/gateway", To("ping.default.svc.cluster.local"))).Ask($"GET {authority} /"));

    [Theory]
    [InlineData("gateway", true)]
    [InlineData("default/gateway", true)]
    [InlineData("./gateway", true)]
    [InlineData("gateway.default.svc.cluster.local", true)]
    [InlineData("mesh, gateway", true)]
    [InlineData("other/gateway", false)]
    [InlineData("mesh", false)]
    [InlineData("", false)]
    public void A_VirtualService_names_its_gateways(string gateways, bool taken) => Assert.Equal(taken ? "ping:8080 /" : "404", CompiledRoutes.Of(
        [.. CompiledRoutes.Basics, CompiledRoutes.VirtualService("a", "'*'", gateways, To("ping"))]).Ask("GET localhost /"));

    [Theory]
    // The pods of a Gateway with Istio's own label run in istio-system, unless a Service says otherwise.
    [InlineData("{istio: ingressgateway}", "['*']", true)]
    [InlineData("{istio: ingressgateway}", "[.]", false)]
    [InlineData("{istio: ingressgateway}", "[istio-system]", true)]
    [InlineData("{istio: ingressgateway}", "['~']", false)]
    [InlineData("{app: door}", "[.]", true)]
    [InlineData("{app: door}", "[default]", true)]
    [InlineData("{app: door}", "[other]", false)]
    public void A_VirtualService_is_seen_where_it_is_exported_to(string selector, string exportTo, bool taken) =>
        Assert.Equal(taken ? "ping:8080 /" : "404", CompiledRoutes.Of(
            CompiledRoutes.Gateway("gateway", "'*'").Replace("{app: door}", selector), CompiledRoutes.Service("ping:8080"),
            CompiledRoutes.VirtualService("a", "'*'", "gateway", To("ping"), $"exportTo: {exportTo}")).Ask("GET localhost /"));

    [Fact]
    public void The_Service_in_front_of_a_gateway_says_where_its_pods_run()
    {
        var routes = CompiledRoutes.Of(
            CompiledRoutes.Gateway("gateway", "'*'"), CompiledRoutes.Service("door.edge:80"),
            CompiledRoutes.VirtualService("a", "'*'", "gateway", To("ping"), "exportTo: [edge]"));
        Assert.Equal("edge", routes.Routes.Servers[0].Namespace);
        Assert.Equal("ping:80 /", routes.Ask("GET localhost /"));
    }

    [Fact]
    public void Several_VirtualServices_for_one_host_are_one_list_with_what_takes_everything_last()
    {
        var routes = CompiledRoutes.Of(
        [
            .. CompiledRoutes.Basics,
            CompiledRoutes.VirtualService("a", "example.com", "gateway", """
                - match: [{uri: {prefix: /a}}]
                  route: [{destination: {host: ping}}]
                - route: [{destination: {host: pang}}]
                """),
            CompiledRoutes.VirtualService("b", "example.com", "gateway", """
                - match: [{uri: {prefix: /b}}]
                  route: [{destination: {host: pong}}]
                - match: [{uri: {prefix: /a/b}}]
                  route: [{destination: {host: pong}}]
                """),
        ]);
        Assert.Equal("ping:8080 /a", routes.Ask("GET example.com /a"));
        Assert.Equal("ping:8080 /a/b", routes.Ask("GET example.com /a/b"));
        Assert.Equal("pong:8080 /b", routes.Ask("GET example.com /b"));
        Assert.Equal("pang:8080 /c", routes.Ask("GET example.com /c"));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "ping")]
    [InlineData("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", "pong")]
    [InlineData("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "ping")]
    [InlineData(null, null, "ping")]
    public void The_older_VirtualService_comes_first_and_of_one_age_the_one_with_the_smaller_name(string? first, string? second, string expected) =>
        Assert.StartsWith(expected, CompiledRoutes.Of(
        [
            .. CompiledRoutes.Basics,
            CreatedAt(CompiledRoutes.VirtualService("b", "example.com", "gateway", To("pong")), second),
            CreatedAt(CompiledRoutes.VirtualService("a", "example.com", "gateway", To("ping")), first),
        ]).Ask("GET example.com /"));

    [Fact]
    public void Hosts_with_the_same_routes_are_one_virtual_host()
    {
        var routes = CompiledRoutes.Of([.. CompiledRoutes.Basics, CompiledRoutes.VirtualService("a", "a.example.com, b.example.com", "gateway", To("ping"))]);
        Assert.Equal(["a.example.com", "b.example.com"], Assert.Single(routes.Routes.Servers[0].Routes.VirtualHosts).Domains);
    }

    [Fact]
    public void Servers_of_one_plain_port_share_their_routes()
    {
        var routes = CompiledRoutes.Of(
            CompiledRoutes.Gateway("one", "a.example.com"), CompiledRoutes.Gateway("two", "b.example.com"), CompiledRoutes.Service("ping:8080"),
            CompiledRoutes.VirtualService("a", "a.example.com", "one", To("ping")), CompiledRoutes.VirtualService("b", "b.example.com", "two", To("ping")),
            CompiledRoutes.VirtualService("c", "c.example.com", "two", To("ping")));
        Assert.Equal(2, routes.Routes.Servers.Length);
        Assert.Same(routes.Routes.Servers[0].Routes, routes.Routes.Servers[1].Routes);
        Assert.Equal("http.80", routes.Routes.Servers[0].Routes.Name);
        Assert.Equal("ping:8080 /", routes.Ask("GET a.example.com /"));
        Assert.Equal("ping:8080 /", routes.Ask("GET b.example.com /"));
        Assert.Equal("404", routes.Ask("GET c.example.com /"));
    }

    [Fact]
    public void A_server_that_ends_TLS_has_routes_of_its_own()
    {
        var routes = CompiledRoutes.Of(
            CompiledRoutes.Gateway("one", "a.example.com", "port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: one-cert}"),
            CompiledRoutes.Gateway("two", "b.example.com", "port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: two-cert}"),
            CompiledRoutes.Service("ping:8080"), CompiledRoutes.VirtualService("a", "'*'", "one, two", To("ping")));
        Assert.Equal(["https.443.https.one.default", "https.443.https.two.default"], routes.Routes.Servers.Select(server => server.Routes.Name));
        Assert.Equal(["a.example.com", "b.example.com"], routes.Routes.Servers.Select(server => Assert.Single(server.Hosts)));
        Assert.Equal(["a.example.com"], routes.Routes.Servers[0].Routes.VirtualHosts[0].Domains);
        Assert.Equal(new SecretName("default", "one-cert"), Assert.Single(routes.Routes.Servers[0].Secrets));
        Assert.Equal("301 https://a.example.com/b", CompiledRoutes.Of(
            CompiledRoutes.Gateway("one", "'*'", "port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}"),
            CompiledRoutes.VirtualService("a", "'*'", "one", "- {redirect: {uri: /b, derivePort: FROM_REQUEST_PORT}}")).Ask("GET a.example.com /", 443));
    }

    [Theory]
    [InlineData("a.example.com:8081", "301 https://a.example.com:8081/x?y")]
    [InlineData("b.example.com", "301 https://b.example.com/x?y")]
    [InlineData("other.org", "404")]
    public void With_httpsRedirect_plain_requests_are_sent_to_HTTPS(string authority, string expected) => Assert.Equal(expected, CompiledRoutes.Of(
        CompiledRoutes.Gateway("gateway", "'*.example.com'", "port: {number: 80, name: http, protocol: HTTP}, tls: {httpsRedirect: true}"),
        CompiledRoutes.Service("ping:8080"), CompiledRoutes.VirtualService("a", "a.example.com", "gateway", To("ping"))).Ask($"GET {authority} /x?y"));

    [Theory]
    [InlineData("port: {number: 5432, name: db, protocol: TCP}", "TCP")]
    [InlineData("port: {number: 443, name: tls, protocol: HTTPS}, tls: {mode: PASSTHROUGH}", "PASSTHROUGH")]
    [InlineData("port: {number: 443, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}", "TLS")]
    public void A_server_that_is_no_HTTP_is_left_out_with_a_warning(string server, string message)
    {
        var routes = CompiledRoutes.Of(CompiledRoutes.Gateway("gateway", "'*'", server));
        Assert.Empty(routes.Routes.Servers);
        Assert.Equal("GWY054", Assert.Single(routes.Findings).Code);
        Assert.Contains(message, routes.Findings[0].Message);
    }

    [Fact]
    public void Of_two_servers_that_conflict_the_first_counts()
    {
        const string Https = "port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}";
        var sameHost = CompiledRoutes.Of(CompiledRoutes.Gateway("one", "a.example.com", Https), CompiledRoutes.Gateway("two", "a.example.com", Https));
        Assert.Equal("default/one", Assert.Single(sameHost.Routes.Servers).Gateway);
        Assert.Equal("GWY054", Assert.Single(sameHost.Findings).Code);
        var samePort = CompiledRoutes.Of(
            CompiledRoutes.Gateway("one", "'*'"), CompiledRoutes.Gateway("two", "'*'", "port: {number: 80, name: x, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}"));
        Assert.Equal("default/one", Assert.Single(samePort.Routes.Servers).Gateway);
    }

    [Fact]
    public void Gateways_of_different_pods_on_one_port_are_served_by_one_door_with_a_warning()
    {
        var routes = CompiledRoutes.Of(
            CompiledRoutes.Gateway("one", "a.example.com"), CompiledRoutes.Gateway("two", "b.example.com").Replace("app: door", "app: window"));
        Assert.Equal(2, routes.Routes.Servers.Length);
        Assert.Equal("GWY055", Assert.Single(routes.Findings).Code);
    }

    [Fact]
    public void Two_resources_of_one_name_are_an_error()
    {
        var routes = CompiledRoutes.Of(
        [
            .. CompiledRoutes.Basics, CompiledRoutes.Gateway("gateway", "'*'"),
            CompiledRoutes.VirtualService("a", "'*'", "gateway", To("ping")), CompiledRoutes.VirtualService("a", "'*'", "gateway", To("ping")),
        ]);
        Assert.Equal(["GWY009", "GWY009"], routes.Findings.Select(finding => finding.Code));
    }

    private static string CreatedAt(string document, string? time) =>
        time is null ? document : document.Replace("namespace: default }", $"namespace: default, creationTimestamp: '{time}' }}");
}
