namespace Gateway.Tests.Routing;

/// <summary>HTTPRoutes and their listeners, as Istio executes them.</summary>
public sealed class GatewayApiTests
{
    private const string DefaultListener = "{name: http, port: 80, protocol: HTTP}";

    private static string Gateway(string listeners = DefaultListener, string name = "door", string @class = "istio") => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: { name: {{name}} }
        spec: { gatewayClassName: {{@class}}, listeners: [{{listeners}}] }

        """;

    private static string Route(string spec, string name = "route", string space = "default") => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: {{name}}, namespace: {{space}} }
        spec:
        {{string.Join('\n', spec.Split('\n').Select(line => "  " + line))}}

        """;

    /// <summary>A route at the Gateway door with these rules.</summary>
    private static CompiledRoutes OfRules(string rules, params string[] more) => CompiledRoutes.Of(
    [
        Gateway(), CompiledRoutes.Service("ping:8080"), CompiledRoutes.Service("pong:8080"), CompiledRoutes.Service("pang.team:8080"),
        Route($"parentRefs: [{{name: door}}]\nrules:\n{rules}"), .. more,
    ]);

    private static string To(string service) => $"backendRefs: [{{name: {service}, port: 8080}}]";

    [Theory]
    [InlineData("path: {type: Exact, value: /ping}", "/ping", true)]
    [InlineData("path: {type: Exact, value: /ping}", "/ping/", false)]
    [InlineData("path: {type: Exact, value: /ping}", "/PING", false)]
    // a prefix is one of segments
    [InlineData("path: {type: PathPrefix, value: /api/v1}", "/api/v1", true)]
    [InlineData("path: {type: PathPrefix, value: /api/v1}", "/api/v1/", true)]
    [InlineData("path: {type: PathPrefix, value: /api/v1}", "/api/v1/ping", true)]
    [InlineData("path: {type: PathPrefix, value: /api/v1}", "/api/v1ping", false)]
    [InlineData("path: {type: PathPrefix, value: /api/v1/}", "/api/v1", true)]
    [InlineData("path: {value: /api}", "/api/x", true)]
    [InlineData("path: {type: PathPrefix, value: /}", "/anything", true)]
    [InlineData("path: {type: RegularExpression, value: '/[a-z]+'}", "/ping", true)]
    [InlineData("path: {type: RegularExpression, value: '/[a-z]+'}", "/ping/1", false)]
    [InlineData("method: GET", "/any", true)]
    [InlineData("method: POST", "/any", false)]
    [InlineData("headers: [{name: X-A, value: '1'}]", "/ | x-a: 1", true)]
    [InlineData("headers: [{name: x-a, value: '1'}]", "/ | x-a: 2", false)]
    [InlineData("headers: [{name: x-a, value: '[0-9]+', type: RegularExpression}]", "/ | x-a: 12", true)]
    [InlineData("queryParams: [{name: q, value: '1'}]", "/?q=1&q=2", true)]
    [InlineData("queryParams: [{name: q, value: '1'}]", "/?q=2&q=1", false)]
    [InlineData("queryParams: [{name: q, value: 'a.*', type: RegularExpression}]", "/?q=abc", true)]
    public void Matches(string match, string target, bool taken) => Assert.Equal(taken ? "ping" : "404",
        OfRules($"- {{matches: [{{{match}}}], {To("ping")}}}").Ask($"GET localhost {target}").Split(':')[0]);

    [Theory]
    [InlineData("/a/exact", "ping")]
    [InlineData("/a/exact/deeper", "pong")]
    [InlineData("/a/b", "pong")]
    [InlineData("/b", "ping")]
    [InlineData("/b | x-a: 1", "pong")]
    [InlineData("/c", "pong")]
    [InlineData("/dddddddddd", "pong")]
    public void The_most_specific_match_wins_whatever_the_order(string target, string expected) => Assert.StartsWith(expected, OfRules($"""
        - matches: [{"{path: {type: PathPrefix, value: /}}"}]
          {To("ping")}
        - matches: [{"{path: {type: PathPrefix, value: /a}}, {path: {value: /b}, headers: [{name: x-a, value: '1'}]}, {path: {value: /c}, method: GET}"}]
          {To("pong")}
        - matches: [{"{path: {type: Exact, value: /a/exact}}, {path: {value: /b}}, {path: {value: /c}, headers: [{name: x-b, value: '1'}]}"}]
          {To("ping")}
        - matches: [{"{path: {type: PathPrefix, value: /dddddddddd}}"}]
          {To("pong")}
        - matches: [{"{path: {type: RegularExpression, value: '/d+'}}"}]
          {To("ping")}
        """).Ask($"GET localhost {target}"));

    [Fact]
    public void Rules_of_several_routes_for_one_host_are_ordered_together()
    {
        var routes = OfRules($"- {{matches: [{{path: {{value: /a}}}}], {To("ping")}}}",
            Route($"parentRefs: [{{name: door}}]\nrules: [{{matches: [{{path: {{value: /a/b}}}}], {To("pong")}}}, {{matches: [{{path: {{value: /a}}}}], {To("pong")}}}]", "second"));
        Assert.Equal("pong:8080 /a/b", routes.Ask("GET localhost /a/b"));
        Assert.Equal("ping:8080 /a/c", routes.Ask("GET localhost /a/c"));
    }

    [Theory]
    [InlineData("", "404")]
    [InlineData("rules: []", "404")]
    [InlineData("rules: [{backendRefs: []}]", "500")]
    [InlineData("rules: [{}]", "500")]
    [InlineData("rules: [{backendRefs: [{name: ping, port: 8080, weight: 0}]}]", "500")]
    [InlineData("rules: [{backendRefs: [{name: ping, port: 8080}]}]", "ping:8080 /")]
    [InlineData("rules: [{backendRefs: [{name: nowhere, port: 8080}]}]", "nowhere:8080 /")]
    [InlineData("rules: [{backendRefs: [{name: pang, namespace: team, port: 8080}]}]", "UnknownService:0 /")]
    [InlineData("rules: [{backendRefs: [{name: ping, kind: Bucket, group: example.com, port: 8080}]}]", "UnknownService:0 /")]
    // what is wrong takes the whole route with it
    [InlineData("rules: [{matches: [{path: {value: /x}}], backendRefs: [{name: ping, port: 8080}]}, {backendRefs: [{name: ping}]}]", "404")]
    [InlineData("rules: [{backendRefs: [{name: ping.default, port: 8080}]}]", "404")]
    [InlineData("rules: [{filters: [{type: ExtensionRef, extensionRef: {group: g, kind: K, name: any}}], backendRefs: [{name: ping, port: 8080}]}]", "404")]
    public void Backends(string rules, string expected)
    {
        var routes = CompiledRoutes.Of(Gateway(), CompiledRoutes.Service("ping:8080"), CompiledRoutes.Service("pang.team:8080"), Route($"parentRefs: [{{name: door}}]\n{rules}"));
        Assert.Equal(rules.Length == 0 ? "500" : expected, routes.Ask("GET localhost /"));
        Assert.All(routes.Routes.Servers[0].Routes.VirtualHosts.SelectMany(host => host.Routes), route => Assert.NotEqual(503, route.Forward?.ClusterNotFoundStatus));
    }

    [Theory]
    [InlineData("{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}", "{group: '', kind: Service}", true)]
    [InlineData("{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}", "{group: '', kind: Service, name: pang}", true)]
    [InlineData("{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}", "{group: '', kind: Service, name: other}", false)]
    [InlineData("{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: other}", "{group: '', kind: Service}", false)]
    [InlineData("{group: gateway.networking.k8s.io, kind: Gateway, namespace: default}", "{group: '', kind: Secret}", false)]
    public void A_backend_in_another_namespace_needs_a_ReferenceGrant(string from, string to, bool allowed) =>
        Assert.Equal(allowed ? "pang.team.svc.cluster.local:8080 /" : "UnknownService:0 /", OfRules("- {backendRefs: [{name: pang, namespace: team, port: 8080}]}", $$"""
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: { name: grant, namespace: team }
            spec: { from: [{{from}}], to: [{{to}}] }

            """).Ask("GET localhost /"));

    [Fact]
    public void Weights_are_1_unless_given()
    {
        var forward = OfRules("- {backendRefs: [{name: ping, port: 8080}, {name: pong, port: 8080, weight: 3}, {name: nowhere, port: 1, weight: 0}]}")
            .Routes.Servers[0].Routes.VirtualHosts[0].Routes[0].Forward!;
        Assert.Equal([0.25, 0.75], forward.Clusters.Select(forward.Share));
        Assert.Equal(500, forward.ClusterNotFoundStatus);
    }

    [Theory]
    [InlineData("{statusCode: 301}", "GET localhost /a?x", "301 http://localhost/a?x")]
    [InlineData("{}", "GET localhost /a", "302 http://localhost/a")]
    [InlineData("{scheme: https}", "GET localhost /a", "302 https://localhost/a")]
    [InlineData("{scheme: https, port: 8443}", "GET localhost /a", "302 https://localhost:8443/a")]
    [InlineData("{hostname: example.com}", "GET localhost:8081 /a", "302 http://example.com/a")]
    [InlineData("{port: 8080}", "GET localhost /a", "302 http://localhost:8080/a")]
    [InlineData("{path: {type: ReplaceFullPath, replaceFullPath: /b}}", "GET localhost /a/c?x", "302 http://localhost/b?x")]
    [InlineData("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}", "GET localhost /a/c", "302 http://localhost/b/c")]
    [InlineData("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}", "GET localhost /a", "302 http://localhost/b")]
    public void Request_redirect(string redirect, string request, string expected) => Assert.Equal(expected,
        OfRules($"- {{matches: [{{path: {{value: /a}}}}], filters: [{{type: RequestRedirect, requestRedirect: {redirect}}}]}}").Ask(request));

    [Theory]
    [InlineData("{path: {type: ReplaceFullPath, replaceFullPath: /one}}", "/prefix/two?x", "ping:8080 /one?x")]
    [InlineData("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /one}}", "/prefix/two?x", "ping:8080 /one/two?x")]
    [InlineData("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /one/}}", "/prefix/two", "ping:8080 /one/two")]
    [InlineData("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /one}}", "/prefix", "ping:8080 /one")]
    // the table of the Gateway API: with "/" or nothing the prefix goes, and one slash stays
    [InlineData("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}", "/prefix/two", "ping:8080 /two")]
    [InlineData("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}", "/prefix/", "ping:8080 /")]
    [InlineData("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}", "/prefix", "ping:8080 /")]
    [InlineData("{path: {type: ReplacePrefixMatch, replacePrefixMatch: ''}}", "/prefix/two", "ping:8080 /two")]
    [InlineData("{hostname: ping.example}", "/prefix", "ping:8080 /prefix Host ping.example")]
    [InlineData("{}", "/prefix", "ping:8080 /prefix")]
    public void URL_rewrite(string rewrite, string target, string expected) => Assert.Equal(expected,
        OfRules($"- {{matches: [{{path: {{value: /prefix}}}}], filters: [{{type: URLRewrite, urlRewrite: {rewrite}}}], {To("ping")}}}").Ask($"GET localhost {target}"));

    [Fact]
    public void Header_modifiers_of_rule_and_backend()
    {
        var routes = OfRules("""
            - filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-A, value: '1'}, {name: x-a, value: '2'}], add: [{name: x-b, value: '2'}], remove: [x-c]}},
                        {type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-r, value: '1'}]}}]
              backendRefs: [{name: ping, port: 8080, filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-d, value: '4'}]}}]}]
            """);
        var request = routes.Parse("GET localhost / | x-c: 1");
        var found = routes.Match(request);
        found.Route!.PrepareRequest(request, found.Cluster!);
        Assert.Equal(("1", "2", "", "4"), ((string?)request.Headers["x-a"], (string?)request.Headers["x-b"], request.Headers["x-c"].ToString(), (string?)request.Headers["x-d"]));
        Assert.Equal("x-r", Assert.Single(found.Route.ResponseHeaders.Set).Name);
    }

    [Theory]
    [InlineData("backendRef: {name: pong, port: 8080}", "pong 100/100")]
    [InlineData("backendRef: {name: pong, port: 8080}, percent: 20", "pong 200000/1000000")]
    [InlineData("backendRef: {name: pong, port: 8080}, fraction: {numerator: 1, denominator: 3}", "pong 333333/1000000")]
    [InlineData("backendRef: {name: pong, port: 8080}, fraction: {numerator: 5}", "pong 50000/1000000")]
    [InlineData("backendRef: {name: pong, port: 8080}, percent: 0", "")]
    [InlineData("backendRef: {name: pang, namespace: team, port: 8080}", "")]
    public void Request_mirror(string mirror, string expected) => Assert.Equal(expected, string.Join(", ",
        OfRules($"- {{filters: [{{type: RequestMirror, requestMirror: {{{mirror}}}}}], {To("ping")}}}").Routes.Servers[0].Routes.VirtualHosts[0].Routes[0]
            .Forward!.Mirrors.Select(policy => $"{policy.Key.Host.Split('.')[0]} {policy.Numerator}/{policy.Denominator}")));

    [Theory]
    [InlineData("timeouts: {request: 2s}", 2.0, null)]
    [InlineData("timeouts: {request: 0s}", null, null)]
    [InlineData("timeouts: {backendRequest: 1s}", 1.0, null)]
    [InlineData("timeouts: {request: 2s, backendRequest: 1s}", 1.0, null)]
    [InlineData("timeouts: {request: 2s, backendRequest: 1s}, retry: {attempts: 3, codes: [503]}", 2.0, 1.0)]
    public void Timeouts(string rule, double? timeout, double? perTry)
    {
        var forward = OfRules($"- {{{rule}, {To("ping")}}}").Routes.Servers[0].Routes.VirtualHosts[0].Routes[0].Forward!;
        Assert.Equal((timeout, perTry), (forward.Timeout?.TotalSeconds, forward.Retry.PerTryTimeout?.TotalSeconds));
    }

    [Fact]
    public void Retry()
    {
        var retry = OfRules($"- {{retry: {{codes: [500, 503], backoff: 100ms}}, {To("ping")}}}").Routes.Servers[0].Routes.VirtualHosts[0].Routes[0].Forward!.Retry;
        Assert.Equal((2, 100L), (retry.Attempts, retry.BackoffMilliseconds));
        Assert.Equal([500, 503], retry.StatusCodes);
    }

    [Theory]
    [InlineData("'*'", "https://any.example", true)]
    [InlineData("'*'", "nonsense", false)]
    [InlineData("'https://a.example'", "https://a.example", true)]
    [InlineData("'https://a.example'", "https://b.example", false)]
    [InlineData("'https://*.example.com'", "https://a.b.example.com", true)]
    [InlineData("'https://*.example.com'", "https://example.com", false)]
    public void Cors(string origins, string origin, bool allowed) => Assert.Equal(allowed,
        OfRules($"- {{filters: [{{type: CORS, cors: {{allowOrigins: [{origins}]}}}}], {To("ping")}}}").Routes.Servers[0].Routes.VirtualHosts[0].Routes[0].Cors!.Allows(origin));

    [Theory]
    // listener, route's hostnames, request, taken
    [InlineData("", "", "a.example.com", true)]
    [InlineData("hostname: a.example.com", "", "a.example.com", true)]
    [InlineData("hostname: a.example.com", "", "b.example.com", false)]
    [InlineData("hostname: '*.example.com'", "hostnames: [a.example.com]", "a.example.com", true)]
    [InlineData("hostname: '*.example.com'", "hostnames: [a.example.com]", "b.example.com", false)]
    [InlineData("hostname: a.example.com", "hostnames: ['*.example.com']", "a.example.com", true)]
    [InlineData("hostname: a.example.com", "hostnames: ['*.example.com']", "b.example.com", false)]
    [InlineData("hostname: a.example.com", "hostnames: [b.example.com]", "b.example.com", false)]
    public void Hostnames_are_those_of_listener_and_route_together(string listener, string hostnames, string authority, bool taken) =>
        Assert.Equal(taken ? "ping:8080 /" : "404", CompiledRoutes.Of(
            Gateway($"{{name: http, port: 80, protocol: HTTP, {listener}}}"), CompiledRoutes.Service("ping:8080"),
            Route($"parentRefs: [{{name: door}}]\n{hostnames}\nrules: [{{{To("ping")}}}]")).Ask($"GET {authority} /"));

    [Fact]
    public void A_host_belongs_to_the_most_specific_listener_of_its_port()
    {
        var routes = CompiledRoutes.Of(
            Gateway("{name: any, port: 80, protocol: HTTP}, {name: wild, port: 80, protocol: HTTP, hostname: '*.example.com'}, {name: exact, port: 80, protocol: HTTP, hostname: a.example.com}"),
            CompiledRoutes.Service("ping:8080"),
            Route($"parentRefs: [{{name: door, sectionName: any}}]\nrules: [{{matches: [{{path: {{value: /any}}}}], {To("ping")}}}]", "any"),
            Route($"parentRefs: [{{name: door, sectionName: wild}}]\nhostnames: [a.example.com, b.example.com]\nrules: [{{matches: [{{path: {{value: /wild}}}}], {To("ping")}}}]", "wild"),
            Route($"parentRefs: [{{name: door, sectionName: exact}}]\nrules: [{{matches: [{{path: {{value: /exact}}}}], {To("ping")}}}]", "exact"));
        Assert.Equal("ping:8080 /exact", routes.Ask("GET a.example.com /exact"));
        Assert.Equal("404", routes.Ask("GET a.example.com /wild"));
        Assert.Equal("ping:8080 /wild", routes.Ask("GET b.example.com /wild"));
        Assert.Equal("404", routes.Ask("GET b.example.com /any"));
        Assert.Equal("ping:8080 /any", routes.Ask("GET other.org /any"));
    }

    [Theory]
    [InlineData(DefaultListener, "{name: door}", "default", true)]
    [InlineData(DefaultListener, "{name: door, namespace: default}", "team", false)]
    [InlineData("{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}", "{name: door, namespace: default}", "team", true)]
    [InlineData("{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {door: open}}}}}", "{name: door, namespace: default}", "team", true)]
    [InlineData("{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: Selector, selector: {matchExpressions: [{key: door, operator: DoesNotExist}]}}}}", "{name: door, namespace: default}", "team", false)]
    [InlineData("{name: http, port: 80, protocol: HTTP, allowedRoutes: {kinds: [{kind: GRPCRoute}]}}", "{name: door}", "default", false)]
    [InlineData("{name: http, port: 80, protocol: HTTP, allowedRoutes: {kinds: [{kind: HTTPRoute}]}}", "{name: door}", "default", true)]
    [InlineData(DefaultListener, "{name: door, sectionName: http, port: 80}", "default", true)]
    [InlineData(DefaultListener, "{name: door, sectionName: other}", "default", false)]
    [InlineData(DefaultListener, "{name: door, port: 81}", "default", false)]
    [InlineData(DefaultListener, "{name: elsewhere}", "default", false)]
    [InlineData(DefaultListener, "{name: door, kind: Bus, group: example.com}", "default", false)]
    public void A_route_is_attached_where_the_listener_allows_it(string listener, string parent, string space, bool attached)
    {
        var routes = CompiledRoutes.Of(Gateway(listener), CompiledRoutes.Service($"ping.{space}:8080"),
            "apiVersion: v1\nkind: Namespace\nmetadata: { name: team, labels: { door: open } }\n",
            Route($"parentRefs: [{parent}]\nrules: [{{{To("ping")}}}]", space: space));
        Assert.Equal(attached ? "ping" : "404", routes.Ask("GET localhost /").Split(':')[0].Split('.')[0]);
        Assert.Equal(attached ? [] : ["GWY056"], routes.Findings.Select(finding => finding.Code));
    }

    [Fact]
    public void A_Gateway_of_another_class_is_none_of_Istios()
    {
        var routes = CompiledRoutes.Of(Gateway(@class: "nginx"), Route("parentRefs: [{name: door}]"));
        Assert.Empty(routes.Routes.Servers);
        Assert.Equal("GWY056", Assert.Single(routes.Findings).Code);
    }

    [Fact]
    public void An_HTTPS_listener_ends_TLS_with_its_secrets()
    {
        var server = Assert.Single(CompiledRoutes.Of(Gateway(
            "{name: https, port: 443, protocol: HTTPS, hostname: a.example.com, tls: {certificateRefs: [{name: cert}]}}")).Routes.Servers);
        Assert.Equal(("HTTPS", "SIMPLE", "default/cert", "door"), (server.Protocol, server.Tls!.Mode,
            $"{server.Secrets[0].Namespace}/{server.Secrets[0].Name}", server.Selector["gateway.networking.k8s.io/gateway-name"]));
    }

    [Theory]
    [InlineData("{kind: Service, group: '', name: ping}", 8080, "pong:8080 /")]
    [InlineData("{kind: Service, group: '', name: ping, port: 8080}", 8080, "pong:8080 /")]
    [InlineData("{kind: Service, group: '', name: ping, port: 8080}", 9090, "ping:9090 /")]
    [InlineData("{kind: Service, group: '', name: web}", 8080, "ping:8080 /")]
    public void A_route_of_a_Service_is_for_calls_to_it(string parent, int port, string expected) => Assert.Equal(expected, CompiledRoutes.Of(
        CompiledRoutes.Service("ping:8080,9090"), CompiledRoutes.Service("pong:8080"), CompiledRoutes.Service("web:8080"),
        Route($"parentRefs: [{parent}]\nrules: [{{{To("pong")}}}]")).Call("GET ping /", "ping", port));

    [Fact]
    public void A_route_for_another_namespaces_Service_is_for_callers_of_its_own_namespace() => Assert.Equal("ping:8080 /", CompiledRoutes.Of(
        CompiledRoutes.Service("ping:8080"), CompiledRoutes.Service("pong.team:8080"),
        Route($"parentRefs: [{{kind: Service, group: '', name: ping, namespace: default}}]\nrules: [{{{To("pong")}}}]", space: "team")).Call("GET ping /", "ping"));
}
