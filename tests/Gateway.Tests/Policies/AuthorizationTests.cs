using System.Net;
using System.Text.Json.Nodes;
using Gateway.Policies;
using Gateway.Policies.Authorization;
using Gateway.Requests;
using Istio.Documents;
using Istio.Security;

namespace Gateway.Tests.Policies;

/// <summary>What the rules of AuthorizationPolicies match.</summary>
public sealed class AuthorizationTests
{
    private static RequestMatcher? Compile(string rule, bool isAllow, List<Finding>? findings = null)
    {
        var (document, policy) = ResourceReader.ReadText(
            PolicyMesh.Authorization($"{{action: {(isAllow ? "ALLOW" : "DENY")}, rules: [{rule}]}}"), "mesh.yaml").OfType<AuthorizationPolicy>().Single();
        return new RuleCompiler(document, isAllow, findings ?? []).Compile(policy.Spec.Rules[0], "spec.rules[0]");
    }

    private static bool Matches(string rule, RequestHead request, JsonObject? claims = null)
    {
        request.Claims = claims;
        return Compile(rule, isAllow: true)!(request);
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("{to: [{operation: {methods: [GET]}}]}", true)]
    [InlineData("{to: [{operation: {methods: [POST, GET]}}]}", true)]
    [InlineData("{to: [{operation: {methods: [get]}}]}", false)]
    [InlineData("{to: [{operation: {methods: ['G*']}}]}", true)]
    [InlineData("{to: [{operation: {methods: ['*']}}]}", true)]
    [InlineData("{to: [{operation: {notMethods: [GET]}}]}", false)]
    [InlineData("{to: [{operation: {notMethods: [POST]}}]}", true)]
    [InlineData("{to: [{operation: {hosts: [ping.example]}}]}", false)]
    [InlineData("{to: [{operation: {hosts: ['ping.example:8080']}}]}", true)]
    [InlineData("{to: [{operation: {hosts: ['PING.Example:8080']}}]}", true)]
    [InlineData("{to: [{operation: {hosts: ['ping.*']}}]}", true)]
    [InlineData("{to: [{operation: {hosts: ['*:8080']}}]}", true)]
    [InlineData("{to: [{operation: {notHosts: ['PING*']}}]}", false)]
    [InlineData("{to: [{operation: {ports: ['8080']}}]}", true)]
    [InlineData("{to: [{operation: {ports: ['80', '443']}}]}", false)]
    [InlineData("{to: [{operation: {notPorts: ['80']}}]}", true)]
    // Fields of one operation must all hold; of several operations, one.
    [InlineData("{to: [{operation: {methods: [GET], paths: [/b]}}]}", false)]
    [InlineData("{to: [{operation: {methods: [POST]}}, {operation: {paths: ['/api*']}}]}", true)]
    [InlineData("{to: [{operation: {methods: [GET], notPaths: ['/api/*']}}]}", false)]
    // An entry that says nothing holds always.
    [InlineData("{to: [{}]}", true)]
    [InlineData("{to: [{operation: {}}]}", true)]
    public void Operations(string rule, bool expected) =>
        Assert.Equal(expected, Matches(rule, PolicyMesh.Request("GET", "ping.example:8080", "/api/v1/ping?x=1")));

    [Theory]
    [InlineData("/a", "/a", true)]
    [InlineData("/a", "/a/", false)]
    [InlineData("/a", "/A", false)]
    [InlineData("/a", "/a?b=/c", true)]
    [InlineData("/a*", "/abc", true)]
    [InlineData("/a/*", "/a", false)]
    [InlineData("*/b", "/a/b", true)]
    [InlineData("*/b", "/a/b/c", false)]
    [InlineData("*", "/", true)]
    // Only one asterisk is one: the rest is text.
    [InlineData("*b*", "/b*", true)]
    [InlineData("*b*", "/abc", false)]
    [InlineData("/a*c", "/abc", false)]
    [InlineData("/a%2Fb", "/a%2Fb", true)]
    [InlineData("/a%2Fb", "/a/b", false)]
    [InlineData("/{*}", "/a", true)]
    [InlineData("/{*}", "/", false)]
    [InlineData("/{*}", "/a/b", false)]
    [InlineData("/{*}/b", "/a/b", true)]
    [InlineData("/{**}", "/", true)]
    [InlineData("/{**}", "/a/b/c", true)]
    [InlineData("/a/{**}", "/a", false)]
    [InlineData("/a/{**}", "/a/", true)]
    [InlineData("/a/{*}/c/{**}", "/a/b/c/d/e", true)]
    [InlineData("/a/{*}/c/{**}", "/a/b/d/c", false)]
    [InlineData("/{**}/c", "/a/b/c", true)]
    [InlineData("/{*}.txt", "/a.txt", true)]
    [InlineData("/{*}.txt", "/axtxt", false)]
    // Envoy's templates have no asterisk and no equals sign among the characters of a path.
    [InlineData("/{*}", "/a=b", false)]
    [InlineData("/a/{*}", "/a/b%20c", true)]
    public void Paths_are_compared_without_the_query(string path, string sent, bool expected) =>
        Assert.Equal(expected, Matches($"{{to: [{{operation: {{paths: ['{path}']}}}}]}}", PolicyMesh.Request(path: sent)));

    [Theory]
    [InlineData("ipBlocks: [10.1.2.3]", "10.1.2.3", true)]
    [InlineData("ipBlocks: [10.1.2.3]", "10.1.2.4", false)]
    [InlineData("ipBlocks: [10.1.0.0/16]", "10.1.255.255", true)]
    [InlineData("ipBlocks: [10.1.0.0/16]", "10.2.0.0", false)]
    [InlineData("ipBlocks: [10.1.2.3/16]", "10.1.0.1", true)]
    [InlineData("ipBlocks: [10.1.2.128/25]", "10.1.2.127", false)]
    [InlineData("ipBlocks: [0.0.0.0/0]", "1.2.3.4", true)]
    [InlineData("ipBlocks: [0.0.0.0/0]", "::1", false)]
    [InlineData("ipBlocks: ['2001:db8::/32']", "2001:db8:1::1", true)]
    [InlineData("ipBlocks: ['2001:db8::/32']", "2001:db9::1", false)]
    // A dual-stack socket gives IPv4 addresses so.
    [InlineData("ipBlocks: [10.1.0.0/16]", "::ffff:10.1.2.3", true)]
    [InlineData("notIpBlocks: [10.1.0.0/16]", "10.1.2.3", false)]
    [InlineData("notIpBlocks: [10.1.0.0/16, 10.2.0.0/16]", "10.3.2.3", true)]
    public void Addresses(string source, string address, bool expected)
    {
        var request = PolicyMesh.Request();
        request.SourceAddress = IPAddress.Parse(address);
        Assert.Equal(expected, Matches($"{{from: [{{source: {{{source}}}}}]}}", request));
    }

    [Fact]
    public void The_clients_address_is_another_than_the_peers()
    {
        var request = PolicyMesh.Request();
        (request.SourceAddress, request.RemoteAddress) = (IPAddress.Parse("10.0.0.1"), IPAddress.Parse("203.0.113.7"));
        Assert.True(Matches("{from: [{source: {ipBlocks: [10.0.0.1], remoteIpBlocks: [203.0.113.0/24]}}]}", request));
        Assert.False(Matches("{from: [{source: {remoteIpBlocks: [10.0.0.1]}}]}", request));
        Assert.True(Matches("{when: [{key: remote.ip, values: [203.0.113.7]}, {key: source.ip, notValues: [203.0.113.7]}]}", request));
    }

    [Theory]
    [InlineData("principals: ['*']")]
    [InlineData("principals: [cluster.local/ns/default/sa/web]")]
    [InlineData("namespaces: [default]")]
    [InlineData("namespaces: ['*']")]
    [InlineData("serviceAccounts: [default/web]")]
    [InlineData("trustDomains: ['*']")]
    public void Nobody_has_a_peers_identity(string source)
    {
        var findings = new List<Finding>();
        Assert.False(Compile($"{{from: [{{source: {{{source}}}}}]}}", isAllow: true, findings)!(PolicyMesh.Request()));
        Assert.Equal("GWY032", Assert.Single(findings).Code);

        var negated = "not" + char.ToUpperInvariant(source[0]) + source[1..];
        Assert.True(Matches($"{{from: [{{source: {{{negated}}}}}]}}", PolicyMesh.Request()));
    }

    [Theory]
    [InlineData("requestPrincipals: ['*']", true)]
    [InlineData("requestPrincipals: [https://issuer.example/me]", true)]
    [InlineData("requestPrincipals: [https://issuer.example/you]", false)]
    [InlineData("requestPrincipals: ['https://issuer.example/*']", true)]
    [InlineData("requestPrincipals: ['https://issuer.example/m*']", true)]
    [InlineData("requestPrincipals: ['*/me']", true)]
    [InlineData("requestPrincipals: ['*.example/me']", true)]
    [InlineData("requestPrincipals: ['*.org/me']", false)]
    [InlineData("requestPrincipals: ['https://issuer*']", false)]
    [InlineData("notRequestPrincipals: ['*']", false)]
    [InlineData("notRequestPrincipals: [https://issuer.example/you]", true)]
    public void Token_identities(string source, bool expected)
    {
        var claims = new JsonObject { ["iss"] = "https://issuer.example", ["sub"] = "me" };
        Assert.Equal(expected, Matches($"{{from: [{{source: {{{source}}}}}]}}", PolicyMesh.Request(), claims));
        Assert.Equal(source.StartsWith("not", StringComparison.Ordinal), Matches($"{{from: [{{source: {{{source}}}}}]}}", PolicyMesh.Request()));
    }

    [Theory]
    [InlineData("request.auth.audiences", "values: [a]", true)]
    [InlineData("request.auth.audiences", "values: [c]", false)]
    [InlineData("request.auth.presenter", "values: ['app*']", true)]
    [InlineData("request.auth.principal", "values: [i/s]", true)]
    [InlineData("request.auth.claims[groups]", "values: [admin]", true)]
    [InlineData("request.auth.claims[groups]", "values: [none, 'ad*']", true)]
    [InlineData("request.auth.claims[groups]", "notValues: [admin]", false)]
    [InlineData("request.auth.claims[realm][roles]", "values: ['*ter']", true)]
    [InlineData("request.auth.claims[realm][name]", "values: ['*']", true)]
    [InlineData("request.auth.claims[realm]", "values: ['*']", false)]
    [InlineData("request.auth.claims[missing]", "values: ['*']", false)]
    [InlineData("request.auth.claims[missing]", "notValues: [x]", true)]
    // Only text fits a value.
    [InlineData("request.auth.claims[age]", "values: ['7']", false)]
    [InlineData("request.auth.claims[ok]", "values: ['true']", false)]
    public void Claims(string key, string values, bool expected)
    {
        var claims = (JsonObject)JsonNode.Parse("""
            {"iss":"i","sub":"s","aud":["a","b"],"azp":"app-1","groups":["user","admin"],"realm":{"name":"r","roles":["writer"]},"age":7,"ok":true}
            """)!;
        Assert.Equal(expected, Matches($"{{when: [{{key: '{key}', {values}}}]}}", PolicyMesh.Request(), claims));
    }

    [Theory]
    [InlineData("request.headers[x-user]", "values: [me]", true)]
    [InlineData("request.headers[X-User]", "values: [me]", true)]
    [InlineData("request.headers[x-user]", "values: [Me]", false)]
    [InlineData("request.headers[x-user]", "values: ['m*']", true)]
    [InlineData("request.headers[x-user]", "values: ['*']", true)]
    [InlineData("request.headers[x-none]", "values: ['*']", false)]
    [InlineData("request.headers[x-none]", "notValues: ['*']", true)]
    [InlineData("request.headers[x-user]", "notValues: [me]", false)]
    // An empty header is there.
    [InlineData("request.headers[x-empty]", "values: ['*']", true)]
    [InlineData("request.headers[x-empty]", "values: [a]", false)]
    // Several headers of one name are one, with commas.
    [InlineData("request.headers[x-two]", "values: ['a,b']", true)]
    [InlineData("request.headers[x-two]", "values: [a]", false)]
    [InlineData("request.headers[:authority]", "values: [ping.example]", true)]
    [InlineData("request.headers[host]", "values: [ping.example]", true)]
    [InlineData("request.headers[:path]", "values: ['/p?q=1']", true)]
    [InlineData("request.headers[:method]", "values: [GET]", true)]
    [InlineData("request.headers[:scheme]", "values: [http]", true)]
    [InlineData("destination.port", "values: ['8080']", true)]
    [InlineData("destination.port", "notValues: ['8080']", false)]
    [InlineData("connection.sni", "values: ['*.example']", true)]
    [InlineData("connection.sni", "values: [other]", false)]
    [InlineData("source.namespace", "values: [default]", false)]
    [InlineData("source.principal", "notValues: ['*']", true)]
    [InlineData("experimental.envoy.filters.network.mysql_proxy[db.table]", "values: ['[update]']", false)]
    [InlineData("experimental.envoy.filters.network.mysql_proxy[db.table]", "notValues: ['[update]']", true)]
    public void Conditions_on_attributes(string key, string values, bool expected)
    {
        var request = PolicyMesh.Request(authority: "ping.example", path: "/p?q=1", headers: "x-user: me\nx-empty:\nx-two: a\nx-two: b");
        request.ServerName = "sni.example";
        Assert.Equal(expected, Matches($"{{when: [{{key: '{key}', {values}}}]}}", request));
    }

    [Theory]
    [InlineData("{to: [{operation: {ports: [http]}}]}", "spec.rules[0].to[0].operation.ports[0]")]
    [InlineData("{to: [{operation: {ports: ['65536']}}]}", "spec.rules[0].to[0].operation.ports[0]")]
    [InlineData("{from: [{source: {ipBlocks: [10.0.0.0/33]}}]}", "spec.rules[0].from[0].source.ipBlocks[0]")]
    [InlineData("{from: [{source: {ipBlocks: [localhost]}}]}", "spec.rules[0].from[0].source.ipBlocks[0]")]
    [InlineData("{from: [{source: {notRemoteIpBlocks: ['10.1']}}]}", "spec.rules[0].from[0].source.notRemoteIpBlocks[0]")]
    [InlineData("{to: [{operation: {paths: ['/{**}/{*}']}}]}", "spec.rules[0].to[0].operation.paths[0]")]
    [InlineData("{to: [{operation: {paths: ['a/{*}']}}]}", "spec.rules[0].to[0].operation.paths[0]")]
    [InlineData("{to: [{operation: {paths: ['/{*}x/y']}}]}", "spec.rules[0].to[0].operation.paths[0]")]
    [InlineData("{when: [{key: request.headers, values: [a]}]}", "spec.rules[0].when[0].values[0]")]
    [InlineData("{when: [{key: request.auth.claims.groups, values: [a]}]}", "spec.rules[0].when[0].values[0]")]
    public void What_cannot_be_translated_narrows_ALLOW_and_widens_DENY(string rule, string field)
    {
        var findings = new List<Finding>();
        Assert.Null(Compile(rule, isAllow: true, findings));
        Assert.Equal(("GWY034", field), (Assert.Single(findings).Code, findings[0].Field));
        Assert.True(Compile(rule, isAllow: false)!(PolicyMesh.Request()));
    }

    [Fact]
    public void An_attribute_that_Istio_does_not_know_leaves_out_the_rule()
    {
        Assert.Null(Compile("{when: [{key: source.labels, values: [a]}]}", isAllow: true));
        Assert.Null(Compile("{when: [{key: source.labels, values: [a]}]}", isAllow: false));
    }

    [Theory]
    // No policy allows; a policy without rules allows nothing; an empty rule allows everything.
    [InlineData("", 0)]
    [InlineData("{}", 403)]
    [InlineData("{rules: [{}]}", 0)]
    [InlineData("{action: DENY}", 0)]
    [InlineData("{action: DENY, rules: [{}]}", 403)]
    [InlineData("{action: AUDIT, rules: [{}]}", 0)]
    [InlineData("{action: ALLOW, rules: [{to: [{operation: {paths: [/a]}}]}]}", 0)]
    [InlineData("{action: ALLOW, rules: [{to: [{operation: {paths: [/b]}}]}]}", 403)]
    [InlineData("{action: DENY, rules: [{to: [{operation: {paths: [/b]}}]}]}", 0)]
    [InlineData("{action: CUSTOM, provider: {name: oauth}, rules: [{}]}", 403)]
    [InlineData("{action: CUSTOM, provider: {name: oauth}, rules: [{to: [{operation: {paths: [/b]}}]}]}", 0)]
    public void One_policy(string spec, int status)
    {
        using var mesh = new PolicyMesh();
        var reply = PolicyMesh.Evaluate(mesh.Chain(spec.Length == 0 ? "" : PolicyMesh.Authorization(spec)), PolicyMesh.Request(path: "/a"));
        Assert.Equal(status, reply?.Status ?? 0);
        Assert.Equal(status == 0 ? null : "RBAC: access denied", reply?.Body);
    }

    [Fact]
    public void DENY_goes_before_ALLOW_and_several_ALLOWs_add_up()
    {
        using var mesh = new PolicyMesh();
        var chain = mesh.Chain(PolicyMesh.Join(
            PolicyMesh.Authorization("{rules: [{to: [{operation: {paths: [/a, /c]}}]}]}", "allow-a"),
            PolicyMesh.Authorization("{rules: [{to: [{operation: {paths: [/b]}}]}]}", "allow-b"),
            PolicyMesh.Authorization("{action: DENY, rules: [{to: [{operation: {paths: [/x]}}]}, {to: [{operation: {paths: [/c]}}]}]}", "deny-c")));
        string? Details(string path) => PolicyMesh.Evaluate(chain, PolicyMesh.Request(path: path))?.Details;

        Assert.Null(Details("/a"));
        Assert.Null(Details("/b"));
        Assert.Equal("rbac_access_denied_matched_policy[ns[default]-policy[deny-c]-rule[1]]", Details("/c"));
        Assert.Equal("rbac_access_denied_matched_policy[none]", Details("/d"));
    }

    [Fact]
    public void The_first_policy_by_name_is_the_one_in_the_log()
    {
        using var mesh = new PolicyMesh();
        var chain = mesh.Chain(PolicyMesh.Join(
            PolicyMesh.Authorization("{action: DENY, rules: [{}]}", "b"), PolicyMesh.Authorization("{action: DENY, rules: [{}]}", "a")));
        Assert.Equal("rbac_access_denied_matched_policy[ns[default]-policy[a]-rule[0]]", PolicyMesh.Evaluate(chain, PolicyMesh.Request())!.Details);
    }

    [Fact]
    public void A_CUSTOM_policy_is_refused_and_says_so()
    {
        using var mesh = new PolicyMesh();
        var chain = mesh.Chain(PolicyMesh.Authorization("{action: CUSTOM, provider: {name: oauth}, rules: [{}]}"));
        Assert.Equal(
            "rbac_access_denied_matched_policy[istio-ext-authz-oauth-ns[default]-policy[policy]-rule[0]-deny-due-to-bad-CUSTOM-action]",
            PolicyMesh.Evaluate(chain, PolicyMesh.Request())!.Details);
        Assert.Equal(("GWY033", Severity.Warning), (mesh.Findings[0].Code, mesh.Findings[0].Severity));
        Assert.Contains("oauth", mesh.Findings[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'true'", 0)]
    [InlineData("'1'", 0)]
    [InlineData("'false'", 403)]
    [InlineData("'yes'", 403)]
    public void A_policy_that_is_tried_out_changes_nothing(string dryRun, int status)
    {
        using var mesh = new PolicyMesh();
        var annotations = $"{{istio.io/dry-run: {dryRun}}}";
        var deny = mesh.Chain(PolicyMesh.Authorization("{action: DENY, rules: [{}]}", annotations: annotations));
        var allow = mesh.Chain(PolicyMesh.Authorization("{}", annotations: annotations));
        Assert.Equal(status, PolicyMesh.Evaluate(deny, PolicyMesh.Request())?.Status ?? 0);
        Assert.Equal(status, PolicyMesh.Evaluate(allow, PolicyMesh.Request())?.Status ?? 0);
    }
}
