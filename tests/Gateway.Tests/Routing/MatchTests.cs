namespace Gateway.Tests.Routing;

/// <summary>Which requests a rule takes: each field of a match, and its traps.</summary>
public sealed class MatchTests
{
    [Theory]
    // exact: the whole path, with case
    [InlineData("uri: {exact: /ping}", "/ping", true)]
    [InlineData("uri: {exact: /ping}", "/ping?x=1", true)]
    [InlineData("uri: {exact: /ping}", "/ping/", false)]
    [InlineData("uri: {exact: /ping}", "/Ping", false)]
    [InlineData("uri: {exact: /ping}, ignoreUriCase: true", "/PING", true)]
    [InlineData("uri: {exact: /ping}, ignoreUriCase: true", "/PINGS", false)]
    // prefix: of the text, not of segments
    [InlineData("uri: {prefix: /api/v1}", "/api/v1", true)]
    [InlineData("uri: {prefix: /api/v1}", "/api/v1/ping", true)]
    [InlineData("uri: {prefix: /api/v1}", "/api/v1ping", true)]
    [InlineData("uri: {prefix: /api/v1}", "/api/v", false)]
    [InlineData("uri: {prefix: /api/v1}", "/API/v1", false)]
    [InlineData("uri: {prefix: /api/v1/}", "/api/v1", false)]
    [InlineData("uri: {prefix: /api/v1}, ignoreUriCase: true", "/API/V1/ping", true)]
    [InlineData("uri: {prefix: /}", "/anything", true)]
    // regex: the whole path without query, RE2, ignoreUriCase without effect
    [InlineData("uri: {regex: '/api/v1(/.*)?'}", "/api/v1", true)]
    [InlineData("uri: {regex: '/api/v1(/.*)?'}", "/api/v1/ping?x=/y", true)]
    [InlineData("uri: {regex: '/api/v1(/.*)?'}", "/api/v1ping", false)]
    [InlineData("uri: {regex: '/api'}", "/api/v1", false)]
    [InlineData("uri: {regex: '/api'}, ignoreUriCase: true", "/API", false)]
    [InlineData("uri: {regex: '(?i)/api/v1(/.*)?'}", "/API/v1/ping", true)]
    [InlineData("uri: {regex: '.*'}", "/", true)]
    // nothing of the path is decoded or merged, except what the mesh's normalisation does
    [InlineData("uri: {prefix: /api/v1}", "/api%2Fv1", false)]
    [InlineData("uri: {prefix: /api/v1}", "//api/v1", false)]
    [InlineData("uri: {prefix: /api/v1}", "/x/../api/v1", true)]
    [InlineData("uri: {exact: /a%2Fb}", "/a%2Fb", true)]
    // no path: all paths
    [InlineData("method: {exact: GET}", "/any", true)]
    [InlineData("uri: {}", "/any", true)]
    public void By_path(string match, string target, bool taken) => Check(match, $"GET localhost {target}", taken);

    [Theory]
    [InlineData("headers: {x-user: {exact: ann}}", "x-user: ann", true)]
    [InlineData("headers: {x-user: {exact: ann}}", "X-User: ann", true)]
    [InlineData("headers: {x-user: {exact: ann}}", "x-user: Ann", false)]
    [InlineData("headers: {x-user: {exact: ann}}", "x-user: ann2", false)]
    [InlineData("headers: {x-user: {exact: ann}}", "x-other: ann", false)]
    [InlineData("headers: {X-User: {exact: ann}}", "x-user: ann", true)]
    [InlineData("headers: {x-user: {prefix: an}}", "x-user: ann", true)]
    [InlineData("headers: {x-user: {prefix: an}}", "x-user: bob", false)]
    [InlineData("headers: {x-user: {regex: 'a.+'}}", "x-user: ann", true)]
    [InlineData("headers: {x-user: {regex: 'a.'}}", "x-user: ann", false)]
    [InlineData("headers: {x-user: {regex: 'a.'}}", "x-other: 1", false)]
    // presence: an empty match, and the regex "*", which is no RE2
    [InlineData("headers: {x-user: {}}", "x-user: ann", true)]
    [InlineData("headers: {x-user: {}}", "x-other: 1", false)]
    [InlineData("headers: {x-user: {regex: '*'}}", "x-user: ann", true)]
    [InlineData("headers: {x-user: {regex: '*'}}", "x-other: 1", false)]
    // all of them
    [InlineData("headers: {x-a: {exact: '1'}, x-b: {exact: '2'}}", "x-a: 1 | x-b: 2", true)]
    [InlineData("headers: {x-a: {exact: '1'}, x-b: {exact: '2'}}", "x-a: 1 | x-b: 3", false)]
    // several headers of one name are one value
    [InlineData("headers: {x-a: {exact: '1,2'}}", "x-a: 1 | x-a: 2", true)]
    [InlineData("headers: {x-a: {exact: '1'}}", "x-a: 1 | x-a: 2", false)]
    // uri, scheme, method and authority in headers are headers of these names to the proxy; the pseudo-headers have a colon
    [InlineData("headers: {':method': {exact: GET}}", "x: 1", true)]
    [InlineData("headers: {':path': {exact: '/p?q=1'}}", "x: 1", true)]
    [InlineData("headers: {host: {exact: localhost}}", "x: 1", true)]
    public void By_headers(string match, string headers, bool taken) => Check(match, $"GET localhost /p?q=1 | {headers}", taken);

    [Theory]
    [InlineData("withoutHeaders: {x-user: {exact: ann}}", "x-user: ann", false)]
    [InlineData("withoutHeaders: {x-user: {exact: ann}}", "x-user: bob", true)]
    [InlineData("withoutHeaders: {x-user: {exact: ann}}", "x-other: 1", true)]
    [InlineData("withoutHeaders: {x-user: {prefix: an}}", "x-other: 1", true)]
    [InlineData("withoutHeaders: {x-user: {}}", "x-user: ann", false)]
    [InlineData("withoutHeaders: {x-user: {}}", "x-other: 1", true)]
    // a missing header counts as an empty one, and .* takes that too
    [InlineData("withoutHeaders: {x-user: {regex: '.*'}}", "x-other: 1", false)]
    [InlineData("withoutHeaders: {x-user: {regex: '.+'}}", "x-other: 1", true)]
    [InlineData("withoutHeaders: {x-user: {regex: '*'}}", "x-other: 1", true)]
    public void Without_headers(string match, string headers, bool taken) => Check(match, $"GET localhost / | {headers}", taken);

    [Theory]
    [InlineData("queryParams: {v: {exact: '2'}}", "/?v=2", true)]
    [InlineData("queryParams: {v: {exact: '2'}}", "/?v=3", false)]
    [InlineData("queryParams: {v: {exact: '2'}}", "/", false)]
    [InlineData("queryParams: {v: {exact: '2'}}", "/?V=2", false)]
    [InlineData("queryParams: {v: {exact: '2'}}", "/?w=1&v=2&x", true)]
    // of several the first value counts
    [InlineData("queryParams: {v: {exact: '2'}}", "/?v=1&v=2", false)]
    [InlineData("queryParams: {v: {exact: '2'}}", "/?v=2&v=1", true)]
    // a parameter without a value has an empty one
    [InlineData("queryParams: {v: {exact: ''}}", "/?v", true)]
    [InlineData("queryParams: {v: {exact: ''}}", "/?v=", true)]
    [InlineData("queryParams: {v: {}}", "/?v", true)]
    [InlineData("queryParams: {v: {}}", "/?vv=1", false)]
    [InlineData("queryParams: {v: {regex: '[0-9]+'}}", "/?v=12", true)]
    [InlineData("queryParams: {v: {regex: '[0-9]+'}}", "/?v=1a", false)]
    // nothing is decoded
    [InlineData("queryParams: {v: {exact: 'a b'}}", "/?v=a%20b", false)]
    [InlineData("queryParams: {v: {exact: 'a%20b'}}", "/?v=a%20b", true)]
    [InlineData("queryParams: {v: {exact: 'a=b'}}", "/?v=a=b", true)]
    public void By_query(string match, string target, bool taken) => Check(match, $"GET localhost {target}", taken);

    [Theory]
    [InlineData("method: {exact: GET}", "GET localhost /", true)]
    [InlineData("method: {exact: GET}", "POST localhost /", false)]
    [InlineData("method: {exact: get}", "GET localhost /", false)]
    [InlineData("method: {regex: 'GET|HEAD'}", "HEAD localhost /", true)]
    [InlineData("authority: {exact: localhost}", "GET localhost /", true)]
    [InlineData("authority: {exact: localhost}", "GET localhost:8081 /", false)]
    [InlineData("authority: {prefix: local}", "GET localhost:8081 /", true)]
    [InlineData("authority: {exact: localhost}", "GET LOCALHOST /", false)]
    [InlineData("scheme: {exact: http}", "GET localhost /", true)]
    [InlineData("scheme: {exact: https}", "GET localhost /", false)]
    [InlineData("port: 80", "GET localhost /", true)]
    [InlineData("port: 8081", "GET localhost:8081 /", false)]
    [InlineData("gateways: [gateway]", "GET localhost /", true)]
    [InlineData("gateways: [default/gateway]", "GET localhost /", true)]
    [InlineData("gateways: [mesh]", "GET localhost /", false)]
    [InlineData("sourceLabels: {app: door}", "GET localhost /", true)]
    [InlineData("sourceLabels: {app: web}", "GET localhost /", false)]
    [InlineData("sourceNamespace: default", "GET localhost /", true)]
    [InlineData("sourceNamespace: other", "GET localhost /", false)]
    public void By_everything_else(string match, string request, bool taken) => Check(match, request, taken);

    [Theory]
    [InlineData("GET localhost /a", "ping:8080 /a")]
    [InlineData("POST localhost /b", "ping:8080 /b")]
    [InlineData("GET localhost /b", "pong:8080 /b")]
    public void Matches_are_alternatives_and_their_fields_must_all_hold(string request, string expected) => Assert.Equal(expected, CompiledRoutes.OfRules("""
        - match: [{uri: {exact: /a}}, {uri: {exact: /b}, method: {exact: POST}}]
          route: [{destination: {host: ping}}]
        - route: [{destination: {host: pong}}]
        """).Ask(request));

    [Fact]
    public void The_first_rule_that_matches_wins()
    {
        var routes = CompiledRoutes.OfRules("""
            - match: [{uri: {prefix: /api}}]
              route: [{destination: {host: ping}}]
            - match: [{uri: {exact: /api/special}}]
              route: [{destination: {host: pong}}]
            """);
        Assert.Equal("ping:8080 /api/special", routes.Ask("GET localhost /api/special"));
        Assert.Equal("404", routes.Ask("GET localhost /other"));
    }

    [Theory]
    [InlineData("match: [{uri: {prefix: /}}]", 1)]
    [InlineData("match: [{uri: {regex: '.*'}}]", 1)]
    [InlineData("match: [{uri: {}}]", 1)]
    [InlineData("name: all", 1)]
    [InlineData("match: [{uri: {prefix: /}, ignoreUriCase: true}]", 1)]
    [InlineData("match: [{uri: {prefix: /}}, {uri: {prefix: /x}}]", 1)]
    [InlineData("match: [{uri: {prefix: /}, method: {exact: GET}}]", 2)]
    [InlineData("match: [{uri: {prefix: /}, headers: {x: {}}}]", 2)]
    [InlineData("match: [{uri: {regex: '/.*'}}]", 2)]
    public void After_a_rule_that_takes_everything_there_is_no_other(string first, int routes) => Assert.Equal(routes, CompiledRoutes.OfRules($$$"""
        - {{{first}}}
          route: [{destination: {host: ping}}]
        - match: [{uri: {prefix: /never}}]
          route: [{destination: {host: pong}}]
        """).Routes.Servers[0].Routes.VirtualHosts[0].Routes.Length);

    [Fact]
    public void A_rules_and_a_matchs_name_make_the_routes_name()
    {
        var routes = CompiledRoutes.OfRules("""
            - name: rule
              match: [{name: one, uri: {exact: /a}}, {uri: {exact: /b}}]
              route: [{destination: {host: ping}}]
            """);
        Assert.Equal(["rule.one", "rule"], routes.Routes.Servers[0].Routes.VirtualHosts[0].Routes.Select(route => route.Name));
        var source = routes.Routes.Servers[0].Routes.VirtualHosts[0].Routes[1].Source;
        Assert.Equal(("VirtualService default/rules", "spec.http[0].match[1]"), (source.Resource, source.Field));
        Assert.StartsWith("mesh.yaml:", source.Location);
    }

    [Fact]
    public void A_claim_is_matched_in_the_verified_token()
    {
        var routes = CompiledRoutes.OfRules("""
            - match: [{headers: {'@request.auth.claims.group.id': {exact: admin}}}]
              route: [{destination: {host: ping}}]
            - match: [{headers: {'@request.auth.claims[roles]': {prefix: re}}, withoutHeaders: {'@request.auth.claims.banned': {exact: 'yes'}}}]
              route: [{destination: {host: pong}}]
            """);
        Assert.Equal("ping.default.svc.cluster.local", Host(routes, """{"group": {"id": "admin"}}"""));
        Assert.Equal("pong.default.svc.cluster.local", Host(routes, """{"roles": ["write", "read"]}"""));
        Assert.Null(Host(routes, """{"roles": ["read"], "banned": "yes"}"""));
        Assert.Null(Host(routes, """{"roles": 7}"""));
        Assert.Null(Host(routes, null));
    }

    [Theory]
    [InlineData("match: [{uri: {regex: '/a('}}]", "spec.http[0].match[0].uri.regex", "missing")]
    [InlineData("match: [{uri: {prefix: /}, headers: {x-a: {regex: 'a**'}}}]", "spec.http[0].match[0].headers.x-a.regex", "RE2")]
    public void A_pattern_that_is_none_is_an_error_with_its_place(string rule, string field, string message)
    {
        var routes = CompiledRoutes.OfRules($$$"""
            - {{{rule}}}
              route: [{destination: {host: ping}}]
            """);
        var finding = Assert.Single(routes.Findings);
        Assert.Equal(("GWY051", field), (finding.Code, finding.Field));
        Assert.Contains(message, finding.Message);
        Assert.Equal("404", routes.Ask("GET localhost /"));
    }

    private static string? Host(CompiledRoutes routes, string? claims)
    {
        var request = routes.Parse("GET localhost /");
        request.Claims = claims is null ? null : (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(claims)!;
        return routes.Match(request).Cluster?.Key.Host;
    }

    private static void Check(string match, string request, bool taken) => Assert.Equal(taken ? "ping" : "404", CompiledRoutes.OfRules($$$"""
        - match: [{ {{{match}}} }]
          route: [{destination: {host: ping}}]
        """).Ask(request).Split(':')[0]);
}
