namespace Gateway.Tests.Routing;

/// <summary>VirtualServices that delegate to others.</summary>
public sealed class DelegateTests
{
    private static CompiledRoutes Of(string root, string leaf, string leafName = "leaf", string more = "") => CompiledRoutes.Of(
        [.. CompiledRoutes.Basics, CompiledRoutes.VirtualService("root", "'*'", "gateway", root), CompiledRoutes.VirtualService(leafName, "", "", leaf, more)]);

    [Theory]
    [InlineData("GET localhost /api/a/x", "ping:8080 /api/a/x")]
    [InlineData("GET localhost /api/b", "pong:8080 /api/b")]
    [InlineData("GET localhost /api/c", "404")]
    [InlineData("GET localhost /other", "pang:8080 /other")]
    public void The_delegates_rules_stand_in_the_place_of_the_rule(string request, string expected) => Assert.Equal(expected, Of(
        """
        - match: [{uri: {prefix: /api}}]
          delegate: {name: leaf}
        - match: [{uri: {prefix: /other}}]
          route: [{destination: {host: pang}}]
        """,
        """
        - match: [{uri: {prefix: /api/a}}]
          route: [{destination: {host: ping}}]
        - match: [{uri: {exact: /api/b}}]
          route: [{destination: {host: pong}}]
        """).Ask(request));

    [Theory]
    // root, delegate, request, taken
    [InlineData("match: [{uri: {prefix: /a}}]", "name: any", "GET localhost /a", true)]
    [InlineData("match: [{uri: {prefix: /a}}]", "name: any", "GET localhost /b", false)]
    [InlineData("name: any", "match: [{uri: {prefix: /a}}]", "GET localhost /a", true)]
    [InlineData("match: [{uri: {prefix: /a}}]", "match: [{method: {exact: GET}}]", "GET localhost /a", true)]
    [InlineData("match: [{uri: {prefix: /a}}]", "match: [{method: {exact: GET}}]", "POST localhost /a", false)]
    [InlineData("match: [{headers: {x-a: {exact: '1'}}}]", "match: [{headers: {x-b: {exact: '2'}}}]", "GET localhost / | x-a: 1 | x-b: 2", true)]
    [InlineData("match: [{headers: {x-a: {exact: '1'}}}]", "match: [{headers: {x-b: {exact: '2'}}}]", "GET localhost / | x-b: 2", false)]
    [InlineData("match: [{uri: {prefix: /a}}, {uri: {prefix: /b}}]", "match: [{uri: {prefix: /b/c}}]", "GET localhost /b/c", true)]
    [InlineData("match: [{uri: {prefix: /a}, method: {exact: GET}}, {uri: {prefix: /a}, method: {exact: PUT}}]", "match: [{uri: {exact: /a/b}}]", "PUT localhost /a/b", true)]
    public void Both_matches_must_hold(string root, string leaf, string request, bool taken) => Assert.Equal(taken ? "ping" : "404", Of(
        $"- {{{root}, delegate: {{name: leaf}}}}",
        $"- {{{leaf}, route: [{{destination: {{host: ping}}}}]}}").Ask(request).Split(':')[0]);

    [Theory]
    [InlineData("{uri: {prefix: /a}}", "{uri: {prefix: /b}}")]
    [InlineData("{uri: {prefix: /a/b}}", "{uri: {prefix: /a}}")]
    [InlineData("{uri: {exact: /a}}", "{uri: {prefix: /a}}")]
    [InlineData("{uri: {exact: /a}}", "{uri: {exact: /b}}")]
    [InlineData("{uri: {regex: '/a.*'}}", "{uri: {prefix: /a}}")]
    [InlineData("{uri: {prefix: /a}}", "{uri: {regex: '/a.*'}}")]
    [InlineData("{uri: {prefix: /a}, ignoreUriCase: true}", "{uri: {prefix: /a}}")]
    [InlineData("{method: {exact: GET}}", "{method: {exact: PUT}}")]
    [InlineData("{headers: {x-a: {exact: '1'}}}", "{headers: {x-a: {exact: '2'}}}")]
    [InlineData("{withoutHeaders: {x-a: {exact: '1'}}}", "{withoutHeaders: {x-a: {exact: '2'}}}")]
    [InlineData("{queryParams: {a: {exact: '1'}}}", "{queryParams: {a: {exact: '2'}}}")]
    [InlineData("{port: 80, uri: {prefix: /}}", "{port: 81, uri: {prefix: /}}")]
    [InlineData("{sourceNamespace: a, uri: {prefix: /}}", "{uri: {prefix: /}}")]
    [InlineData("{sourceLabels: {a: b}}", "{sourceLabels: {a: c}}")]
    [InlineData("{gateways: [gateway]}", "{gateways: [other]}")]
    public void A_delegates_rule_whose_match_is_no_part_of_the_roots_is_left_out(string root, string leaf)
    {
        var routes = Of($"- {{match: [{root}], delegate: {{name: leaf}}}}", $"- {{match: [{leaf}], route: [{{destination: {{host: ping}}}}]}}");
        Assert.Equal("404", routes.Ask("GET localhost /a"));
        Assert.Equal(("GWY053", "spec.http[0].match", "leaf"), (Assert.Single(routes.Findings).Code, routes.Findings[0].Field, routes.Findings[0].Name));
    }

    [Fact]
    public void What_the_delegate_does_not_say_it_has_from_the_root()
    {
        var routes = Of(
            """
            - name: root
              delegate: {name: leaf}
              rewrite: {uri: /new}
              timeout: 3s
              retries: {attempts: 7}
              fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
              mirror: {host: pang}
              headers: {request: {set: {x-a: '1'}}}
              corsPolicy: {allowOrigins: [{exact: 'https://a.example'}]}
            """,
            """
            - name: one
              match: [{uri: {exact: /a}, name: m}]
              route: [{destination: {host: ping}}]
            - match: [{uri: {exact: /b}}]
              rewrite: {uri: /own}
              timeout: 1s
              route: [{destination: {host: ping}}]
            """);
        var found = routes.Routes.Servers[0].Routes.VirtualHosts[0].Routes;
        Assert.Equal(["root-one.m", "root"], found.Select(route => route.Name));
        Assert.Equal([3, 1], found.Select(route => (int)route.Forward!.Timeout!.Value.TotalSeconds));
        Assert.All(found, route => Assert.Equal(7, route.Forward!.Retry.Attempts));
        Assert.All(found, route => Assert.NotNull(route.Fault));
        Assert.All(found, route => Assert.NotNull(route.Cors));
        Assert.All(found, route => Assert.Single(route.Forward!.Mirrors));
        Assert.All(found, route => Assert.Equal("leaf", route.Delegate!.Name));
        Assert.Equal("VirtualService default/leaf", found[0].Source.Resource);
        Assert.Equal("ping:8080 /new", routes.Ask("GET localhost /a"));
        Assert.Equal("ping:8080 /own", routes.Ask("GET localhost /b"));
    }

    [Theory]
    [InlineData("leaf.team", "{name: leaf, namespace: team}", "", true)]
    [InlineData("leaf.team", "{name: leaf}", "", false)]
    [InlineData("leaf.team", "{name: leaf, namespace: team}", "[.]", false)]
    [InlineData("leaf.team", "{name: leaf, namespace: team}", "[default]", true)]
    [InlineData("leaf", "{name: leaf}", "[.]", true)]
    [InlineData("leaf", "{name: nowhere}", "", false)]
    public void A_delegate_is_found_by_name_and_namespace_where_it_is_exported_to(string name, string reference, string exportTo, bool found)
    {
        var document = CompiledRoutes.VirtualService(name, "", "", "- {route: [{destination: {host: ping.default.svc.cluster.local}}]}");
        var routes = CompiledRoutes.Of(
        [
            .. CompiledRoutes.Basics, CompiledRoutes.VirtualService("root", "'*'", "gateway", $"- {{delegate: {reference}}}"),
            exportTo.Length == 0 ? document : document.Replace("exportTo: ['*']", $"exportTo: {exportTo}"),
        ]);
        Assert.Equal(found ? "ping:8080 /" : "404", routes.Ask("GET localhost /"));
        Assert.Equal(found ? [] : ["GWY053"], routes.Findings.Select(finding => finding.Code));
    }

    [Fact]
    public void A_delegates_short_names_are_of_its_own_namespace() => Assert.Equal("ping.team.svc.cluster.local:80 /", CompiledRoutes.Of(
    [
        .. CompiledRoutes.Basics, CompiledRoutes.VirtualService("root", "'*'", "gateway", "- {delegate: {name: leaf, namespace: team}}"),
        CompiledRoutes.VirtualService("leaf.team", "", "", "- {route: [{destination: {host: ping}}]}"),
    ]).Ask("GET localhost /"));

    [Fact]
    public void A_VirtualService_with_hosts_is_no_delegate() => Assert.Equal("404", CompiledRoutes.Of(
    [
        .. CompiledRoutes.Basics, CompiledRoutes.VirtualService("root", "'*'", "gateway", "- {delegate: {name: leaf}}"),
        CompiledRoutes.VirtualService("leaf", "'*'", "mesh", "- {route: [{destination: {host: ping}}]}"),
    ]).Ask("GET localhost /"));
}
