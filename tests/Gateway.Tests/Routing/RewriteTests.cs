namespace Gateway.Tests.Routing;

/// <summary>What a rule makes of path and authority before it forwards.</summary>
public sealed class RewriteTests
{
    [Theory]
    // a prefix is replaced as text: the famous double slash, and the missing one
    [InlineData("uri: {prefix: /api/v1}", "uri: /", "/api/v1/ping", "//ping")]
    [InlineData("uri: {prefix: /api/v1/}", "uri: /", "/api/v1/ping", "/ping")]
    [InlineData("uri: {prefix: /api/v1/}", "uri: /new", "/api/v1/ping", "/newping")]
    [InlineData("uri: {prefix: /api/v1}", "uri: /new", "/api/v1ping", "/newping")]
    [InlineData("uri: {prefix: /api/v1}", "uri: /new", "/api/v1", "/new")]
    [InlineData("uri: {prefix: /api/v1}", "uri: /new", "/api/v1/a?x=/api/v1", "/new/a?x=/api/v1")]
    [InlineData("uri: {prefix: /api/v1}, ignoreUriCase: true", "uri: /new", "/API/V1/a", "/new/a")]
    // without a uri to match the prefix is "/"
    [InlineData("method: {exact: GET}", "uri: /new", "/a", "/newa")]
    // exact and regex: the whole path
    [InlineData("uri: {exact: /old}", "uri: /new", "/old?x=1", "/new?x=1")]
    [InlineData("uri: {regex: '/old/[0-9]+'}", "uri: /new", "/old/12?x=1", "/new?x=1")]
    // a pattern of its own, whatever matched
    [InlineData("uri: {prefix: /api}", "uriRegexRewrite: {match: '^/api/v1(/|$)(.*)$', rewrite: '/\\2'}", "/api/v1/ping?x=1", "/ping?x=1")]
    [InlineData("uri: {prefix: /api}", "uriRegexRewrite: {match: '^/api/v1(/|$)(.*)$', rewrite: '/\\2'}", "/api/v1", "/")]
    [InlineData("uri: {prefix: /api}", "uriRegexRewrite: {match: '^/api/v1(/|$)(.*)$', rewrite: '/\\2'}", "/api/v1//ping", "//ping")]
    [InlineData("uri: {prefix: /api}", "uriRegexRewrite: {match: '^/api/v1(/|$)(.*)$', rewrite: '/\\2'}", "/api/v1ping", "/api/v1ping")]
    [InlineData("uri: {regex: '(?i)/api/v1(/.*)?'}", "uriRegexRewrite: {match: '(?i)^/api/v1(/|$)(.*)$', rewrite: '/\\2'}", "/API/V1/ping", "/ping")]
    [InlineData("uri: {prefix: /}", "uriRegexRewrite: {match: '/one', rewrite: '/two'}", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/two/zzz")]
    [InlineData("uri: {prefix: /}", "uriRegexRewrite: {match: '^/service/([^/]+)(/.*)$', rewrite: '\\2/instance/\\1'}", "/service/foo/v1/api", "/v1/api/instance/foo")]
    [InlineData("uri: {prefix: /}", "uriRegexRewrite: {match: '(?i)/xxx/', rewrite: '/yyy/'}", "/aaa/XxX/bbb", "/aaa/yyy/bbb")]
    public void Of_the_path(string match, string rewrite, string target, string expected)
    {
        var routes = CompiledRoutes.OfRules($$$"""
            - match: [{ {{{match}}} }]
              rewrite: { {{{rewrite}}} }
              route: [{destination: {host: ping}}]
            """);
        var request = routes.Parse($"GET localhost {target}");
        var found = routes.Match(request);
        found.Route!.PrepareRequest(request, found.Cluster!);
        Assert.Equal(expected, request.Path + request.Query);
        Assert.Equal(target, request.Headers["x-envoy-original-path"]);
    }

    [Fact]
    public void Without_one_the_path_stays_and_nothing_is_said_about_it()
    {
        var routes = CompiledRoutes.OfRules("- {rewrite: {authority: ping.example}, route: [{destination: {host: ping}}]}");
        var request = routes.Parse("GET localhost:81 /a?b");
        var found = routes.Match(request);
        found.Route!.PrepareRequest(request, found.Cluster!);
        Assert.Equal(("/a", "?b", "ping.example"), (request.Path, request.Query, request.Authority));
        Assert.False(request.Headers.ContainsKey("x-envoy-original-path"));
    }

    [Theory]
    [InlineData("rewrite: {authority: a.example}", "", "a.example")]
    [InlineData("headers: {request: {set: {Host: b.example}}}", "", "b.example")]
    [InlineData("headers: {request: {set: {':authority': b.example}}}", "", "b.example")]
    [InlineData("headers: {request: {add: {host: c.example}}}", "", "c.example")]
    [InlineData("headers: {request: {add: {host: c.example}, set: {host: b.example}}}", "", "b.example")]
    [InlineData("name: none", "headers: {request: {set: {Host: d.example}}}", "d.example")]
    // the rule's goes before the destination's
    [InlineData("rewrite: {authority: a.example}", "headers: {request: {set: {Host: d.example}}}", "a.example")]
    [InlineData("headers: {request: {set: {Host: b.example}}}", "headers: {request: {set: {Host: d.example}}}", "b.example")]
    public void Of_the_authority(string rule, string destination, string expected)
    {
        foreach (var weights in new[] { "", ", {destination: {host: pong}, weight: 0}" })
        {
            var more = destination.Length == 0 ? "" : ", " + destination;
            var routes = CompiledRoutes.OfRules($$$"""
                - {{{rule}}}
                  route: [{destination: {host: ping}, weight: 1{{{more}}}}{{{weights}}}]
                """);
            Assert.Equal($"ping:8080 / Host {expected}", routes.Ask("GET localhost /"));
        }
    }

    [Theory]
    [InlineData("uriRegexRewrite: {match: '(', rewrite: /}", "spec.http[0].rewrite.uriRegexRewrite.match")]
    [InlineData("uriRegexRewrite: {match: '/a', rewrite: '\\1'}", "spec.http[0].rewrite.uriRegexRewrite.rewrite")]
    public void That_cannot_be_compiled_is_an_error_with_its_place(string rewrite, string field)
    {
        var routes = CompiledRoutes.OfRules($$$"""
            - rewrite: { {{{rewrite}}} }
              route: [{destination: {host: ping}}]
            """);
        Assert.Equal(("GWY051", field), (Assert.Single(routes.Findings).Code, routes.Findings[0].Field));
    }
}
