using Gateway.Policies;
using Gateway.Requests;
using Gateway.Tests.Support;
using Istio.Networking;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Policies;

/// <summary>Local rate limits that count some requests apart: descriptors and the rules that make them.</summary>
public sealed class RateLimitDescriptorTests : IDisposable
{
    private const string On = "filter_enabled: {default_value: {numerator: 100}}, filter_enforced: {default_value: {numerator: 100}}";
    private const string Large = "token_bucket: {max_tokens: 100, fill_interval: 60s}";
    private const string Inbound = "inbound|http|8080";

    private readonly PolicyMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    private static string Config(string limit) =>
        $"{{'@type': type.googleapis.com/udpa.type.v1.TypedStruct, type_url: {LocalRateLimit.TypeUrl}, value: {{stat_prefix: x, {limit}}}}}";

    private static string Patch(string limit) =>
        $"{{applyTo: HTTP_FILTER, match: {{context: SIDECAR_INBOUND}}, patch: {{operation: INSERT_BEFORE, value: {{name: {LocalRateLimit.FilterName}, "
        + $"typed_config: {Config(limit)}}}}}}}";

    private static string RoutePatch(string value, string applyTo = "HTTP_ROUTE") =>
        $"{{applyTo: {applyTo}, match: {{context: SIDECAR_INBOUND, routeConfiguration: {{vhost: {{name: '{Inbound}'}}}}}}, "
        + $"patch: {{operation: MERGE, value: {{{value}}}}}}}";

    private static string Filter(params string[] patches) => $$"""
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: { name: limit }
        spec: { configPatches: [{{string.Join(", ", patches)}}] }

        """;

    private static string Descriptor(int max, string entries, string interval = "60s") =>
        $"{{entries: [{entries}], token_bucket: {{max_tokens: {max}, fill_interval: {interval}}}}}";

    private static string Rules(params string[] rules) =>
        $"rate_limits: [{string.Join(", ", rules.Select(rule => $"{{actions: [{rule}]}}"))}]";

    private PolicyChain Chain(string limit, params string[] more)
    {
        var chain = _mesh.Chain(Filter([Patch($"{limit}, {On}"), .. more]));
        Assert.Empty(_mesh.Findings);
        return chain;
    }

    private static int Allowed(PolicyChain chain, int requests, string headers = "", string path = "/", RouteScope route = default) =>
        Enumerable.Range(0, requests)
            .Count(_ => PolicyMesh.Evaluate(chain, PolicyMesh.Request(path: path, headers: headers), route) is null);

    [Theory]
    [InlineData("generic_key: {descriptor_value: all}", "{key: generic_key, value: all}", "", "/", true)]
    [InlineData("generic_key: {descriptor_key: k, descriptor_value: all}", "{key: k, value: all}", "", "/", true)]
    [InlineData("generic_key: {descriptor_value: all}", "{key: generic_key, value: other}", "", "/", false)]
    [InlineData("request_headers: {header_name: x-user, descriptor_key: user}", "{key: user, value: ann}", "x-user: ann", "/", true)]
    [InlineData("request_headers: {header_name: x-user, descriptor_key: user}", "{key: user, value: ann}", "x-user: bob", "/", false)]
    [InlineData("request_headers: {header_name: x-user, descriptor_key: user}", "{key: user, value: ann}", "", "/", false)]
    [InlineData("request_headers: {header_name: ':path', descriptor_key: path}", "{key: path, value: '/a?x=1'}", "", "/a?x=1", true)]
    [InlineData("request_headers: {header_name: ':path', descriptor_key: path}", "{key: path, value: '/a'}", "", "/a?x=1", false)]
    [InlineData("requestHeaders: {headerName: ':method', descriptorKey: m}", "{key: m, value: GET}", "", "/", true)]
    [InlineData("query_parameters: {query_parameter_name: x, descriptor_key: x}", "{key: x, value: '1'}", "", "/?y=2&x=1&x=3", true)]
    [InlineData("query_parameters: {query_parameter_name: x, descriptor_key: x}", "{key: x, value: '1'}", "", "/", false)]
    [InlineData("remote_address: {}", "{key: remote_address, value: 127.0.0.1}", "", "/", true)]
    // All entries, in order.
    [InlineData("generic_key: {descriptor_value: a}}, {remote_address: {}", "{key: generic_key, value: a}, {key: remote_address, value: 127.0.0.1}", "", "/", true)]
    [InlineData("remote_address: {}}, {generic_key: {descriptor_value: a}", "{key: generic_key, value: a}, {key: remote_address, value: 127.0.0.1}", "", "/", false)]
    [InlineData("generic_key: {descriptor_value: a}}, {remote_address: {}", "{key: generic_key, value: a}", "", "/", false)]
    // A missing header leaves out its entry, or the descriptor.
    [InlineData("request_headers: {header_name: x, descriptor_key: x, skip_if_absent: true}}, {generic_key: {descriptor_value: a}", "{key: generic_key, value: a}", "", "/", true)]
    [InlineData("request_headers: {header_name: x, descriptor_key: x}}, {generic_key: {descriptor_value: a}", "{key: generic_key, value: a}", "", "/", false)]
    public void An_action_gives_an_entry(string action, string entries, string headers, string path, bool isLimited)
    {
        var chain = Chain($"{Large}, descriptors: [{Descriptor(2, entries)}], {Rules($"{{{action}}}")}");
        Assert.Equal(isLimited ? 2 : 5, Allowed(chain, 5, headers, path));
    }

    [Theory]
    [InlineData("{name: x}", "x: 1", true)]
    [InlineData("{name: x}", "", false)]
    [InlineData("{name: x, present_match: false}", "", true)]
    [InlineData("{name: x, present_match: true, invert_match: true}", "", true)]
    [InlineData("{name: x, string_match: {exact: one}}", "x: one", true)]
    [InlineData("{name: x, string_match: {exact: one}}", "x: One", false)]
    [InlineData("{name: x, string_match: {exact: one, ignore_case: true}}", "x: One", true)]
    [InlineData("{name: x, string_match: {prefix: on}}", "x: one", true)]
    [InlineData("{name: x, string_match: {suffix: ne}}", "x: one", true)]
    [InlineData("{name: x, string_match: {contains: n}}", "x: one", true)]
    [InlineData("{name: x, string_match: {contains: z}}", "x: one", false)]
    [InlineData("{name: x, string_match: {safe_regex: {regex: 'o.e'}}}", "x: one", true)]
    [InlineData("{name: x, string_match: {safe_regex: {regex: 'o.'}}}", "x: one", false)]
    [InlineData("{name: x, exact_match: one}", "x: one", true)]
    [InlineData("{name: x, safe_regex_match: {regex: '.*'}}", "x: one", true)]
    [InlineData("{name: x, string_match: {exact: one}, invert_match: true}", "x: two", true)]
    [InlineData("{name: x, string_match: {exact: one}, invert_match: true}", "", false)]
    [InlineData("{name: x}, {name: w}", "x: 1", false)]
    [InlineData("{name: x}, {name: w}", "x: 1\nw: 2", true)]
    public void Requests_whose_headers_match_may_be_counted_apart(string headers, string sent, bool isMatch)
    {
        string Limit(bool expected) => $"{Large}, descriptors: [{Descriptor(1, "{key: header_match, value: 'on'}")}], "
            + Rules($"{{header_value_match: {{descriptor_value: 'on', expect_match: {(expected ? "true" : "false")}, headers: [{headers}]}}}}");
        Assert.Equal(isMatch ? 1 : 3, Allowed(Chain(Limit(true)), 3, sent));
        Assert.Equal(isMatch ? 3 : 1, Allowed(Chain(Limit(false)), 3, sent));
    }

    [Fact]
    public void Each_value_has_a_bucket_of_its_own_as_long_as_it_is_used()
    {
        var chain = Chain($"{Large}, max_dynamic_descriptors: 2, descriptors: [{Descriptor(1, "{key: user}")}, {Descriptor(3, "{key: user, value: ann}")}], "
            + Rules("{request_headers: {header_name: x-user, descriptor_key: user}}"));
        Assert.Equal(3, Allowed(chain, 5, "x-user: ann"));
        Assert.Equal(1, Allowed(chain, 5, "x-user: bob"));
        Assert.Equal(1, Allowed(chain, 5, "x-user: cy"));
        Assert.Equal(0, Allowed(chain, 5, "x-user: bob"));
        // The third value pushes out the one that was used least recently.
        Assert.Equal(1, Allowed(chain, 5, "x-user: dan"));
        Assert.Equal(0, Allowed(chain, 5, "x-user: bob"));
        Assert.Equal(1, Allowed(chain, 5, "x-user: cy"));
    }

    [Fact]
    public void The_bucket_for_all_is_taken_from_as_well_unless_told_otherwise()
    {
        const string Small = "token_bucket: {max_tokens: 3, fill_interval: 60s}";
        var descriptors = $"descriptors: [{Descriptor(5, "{key: user, value: ann}")}], "
            + Rules("{request_headers: {header_name: x-user, descriptor_key: user}}");
        Assert.Equal(3, Allowed(Chain($"{Small}, {descriptors}"), 9, "x-user: ann"));
        var apart = Chain($"{Small}, always_consume_default_token_bucket: false, {descriptors}");
        Assert.Equal((5, 3), (Allowed(apart, 9, "x-user: ann"), Allowed(apart, 9)));
        Assert.Equal((5, 9), (Allowed(Chain(descriptors), 9, "x-user: ann"), Allowed(Chain(descriptors), 9)));
    }

    [Fact]
    public void The_slowest_bucket_is_taken_from_first_and_spares_the_others_when_it_is_empty()
    {
        var chain = Chain($"{Large}, descriptors: [{Descriptor(5, "{key: generic_key, value: fast}", "1s")}, {Descriptor(1, "{key: user, value: ann}", "60s")}], "
            + Rules("{generic_key: {descriptor_value: fast}}", "{request_headers: {header_name: x-user, descriptor_key: user}}"));
        Assert.Equal(1, Allowed(chain, 9, "x-user: ann"));
        Assert.Equal(4, Allowed(chain, 9));
    }

    [Fact]
    public void A_route_and_its_virtual_host_may_have_the_rules()
    {
        var route = new RouteScope(Inbound, "default", null, null);
        var limit = $"{Large}, descriptors: [{Descriptor(1, "{key: generic_key, value: route}")}, {Descriptor(2, "{key: generic_key, value: host}")}]";
        var ofRoute = RoutePatch($"route: {{{Rules("{generic_key: {descriptor_value: route}}")}}}");
        var ofHost = RoutePatch(Rules("{generic_key: {descriptor_value: host}}"), "VIRTUAL_HOST");
        Assert.Equal(1, Allowed(Chain(limit, ofRoute, ofHost), 5, route: route));
        Assert.Equal(2, Allowed(Chain(limit, ofHost), 5, route: route));
        Assert.Equal(5, Allowed(Chain($"{limit}, vh_rate_limits: IGNORE", ofHost), 5, route: route));
        Assert.Equal(5, Allowed(Chain(limit, ofRoute, ofHost), 5));
        // Rules of another stage, or turned off, are none; those of the filter itself go before.
        Assert.Equal(5,
            Allowed(Chain(limit, ofRoute.Replace("{actions", "{stage: 1, actions", StringComparison.Ordinal)), 5, route: route));
        Assert.Equal(5,
            Allowed(Chain(limit, ofRoute.Replace("{actions", "{disable_key: k, actions", StringComparison.Ordinal)), 5, route: route));
        Assert.Equal(2, Allowed(Chain($"{limit}, {Rules("{generic_key: {descriptor_value: host}}")}", ofRoute), 5, route: route));
    }

    [Fact]
    public void A_routes_own_limit_has_descriptors_too()
    {
        var chain = Chain("status: {code: 429}", RoutePatch(
            $"route: {{{Rules("{request_headers: {header_name: ':path', descriptor_key: path}}")}}}, typed_per_filter_config: {{{LocalRateLimit.FilterName}: "
            + Config($"{Large}, {On}, descriptors: [{Descriptor(2, "{key: path, value: /slow}")}]") + "}"));
        var route = new RouteScope(Inbound, "default", null, null);
        Assert.Equal((2, 9), (Allowed(chain, 9, path: "/slow", route: route), Allowed(chain, 9, path: "/fast", route: route)));
    }

    [Fact]
    public void Responses_tell_what_is_left_when_told_to()
    {
        var chain = Chain("token_bucket: {max_tokens: 2, fill_interval: 10s}, enable_x_ratelimit_headers: DRAFT_VERSION_03");
        string Left()
        {
            var context = new PolicyContext(PolicyMesh.Request());
            PolicyMesh.Evaluate(chain, context);
            var headers = new HeaderDictionary();
            context.AddResponseHeaders(headers);
            return $"{headers["x-ratelimit-limit"]} {headers["x-ratelimit-remaining"]} {headers["x-ratelimit-reset"]}";
        }

        Assert.Equal(["2 1 0", "2 0 10", "2 0 10"], [Left(), Left(), Left()]);
        _mesh.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal("2 0 6", Left());
    }

    [Fact]
    public void A_gRPC_call_may_be_told_that_the_resource_is_exhausted()
    {
        var reply = PolicyMesh.Evaluate(
            Chain("token_bucket: {max_tokens: 0}, rate_limited_as_resource_exhausted: true"), PolicyMesh.Request())!;
        Assert.Equal((429, GrpcStatus.ResourceExhausted), (reply.Status, reply.Grpc));
    }

    [Fact]
    public void A_request_over_the_limit_that_is_let_through_is_marked()
    {
        var chain = _mesh.Chain(Filter(Patch(
            "token_bucket: {max_tokens: 1, fill_interval: 60s}, filter_enabled: {default_value: {numerator: 100}}, "
            + "request_headers_to_add_when_not_enforced: [{append: false, header: {key: x-over, value: 'true'}}]")));
        var (first, second) = (PolicyMesh.Request(), PolicyMesh.Request());
        Assert.Null(PolicyMesh.Evaluate(chain, first));
        Assert.Null(PolicyMesh.Evaluate(chain, second));
        Assert.Equal(("", "true"), (first.Headers["x-over"].ToString(), second.Headers["x-over"].ToString()));
    }

    [Fact]
    public void Counting_a_header_allocates_nothing_once_its_value_is_known()
    {
        var chain = Chain("token_bucket: {max_tokens: 100000, fill_interval: 60s}, descriptors: ["
            + Descriptor(100_000, "{key: user}") + "], " + Rules("{request_headers: {header_name: x-user, descriptor_key: user}}"));
        var context = new PolicyContext(PolicyMesh.Request(headers: "x-user: ann"));
        Assert.Equal(0, Allocations.Of(() => Assert.Null(PolicyMesh.Evaluate(chain, context))));
    }

    [Theory]
    [InlineData("descriptors: [{entries: [{key: a}], token_bucket: {max_tokens: 1, fill_interval: 49ms}}]", "50ms")]
    [InlineData("descriptors: [{entries: [{key: a}]}]", "max_tokens")]
    [InlineData("descriptors: [{token_bucket: {max_tokens: 1, fill_interval: 1s}}]", "entries")]
    [InlineData("descriptors: [{entries: [{key: a}], token_bucket: {max_tokens: 1, fill_interval: 1s}}, {entries: [{key: a}], token_bucket: {max_tokens: 2, fill_interval: 1s}}]", "same entries")]
    [InlineData("rate_limits: [{actions: [{metadata: {descriptor_key: a}}]}]", "metadata")]
    [InlineData("rate_limits: [{actions: [{generic_key: {descriptor_value: a}}], hits_addend: {number: 2}}]", "hits_addend")]
    [InlineData("rate_limits: [{stage: 1, actions: [{generic_key: {descriptor_value: a}}]}]", "stage")]
    [InlineData("rate_limits: [{actions: [{header_value_match: {descriptor_value: a, headers: [{name: x, range_match: {start: 1}}]}}]}]", "header_value_match")]
    [InlineData("rate_limits: [{actions: [{header_value_match: {descriptor_value: a, headers: [{name: x, string_match: {safe_regex: {regex: '('}}}]}}]}]", "RE2")]
    [InlineData("local_rate_limit_per_downstream_connection: true", "local_rate_limit_per_downstream_connection")]
    [InlineData("localClusterRateLimit: {}", "local_cluster_rate_limit")]
    [InlineData("request_headers_to_add_when_not_enforced: [{header: {key: a, value: '%PROTOCOL%'}}]", "command")]
    public void What_is_not_executed_is_reported(string limit, string message)
    {
        Assert.Empty(_mesh.Chain(Filter(Patch($"{Large}, {limit}, {On}"))).Filters);
        var finding = Assert.Single(_mesh.Findings);
        Assert.Equal(("GWY037", "spec.configPatches[0]"), (finding.Code, finding.Field));
        Assert.Contains(message, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_of_a_route_that_are_not_executed_are_reported()
    {
        _mesh.Chain(Filter(RoutePatch($"route: {{{Rules("{destination_cluster: {}}")}}}")));
        Assert.Equal("GWY037", Assert.Single(_mesh.Codes));
    }
}
