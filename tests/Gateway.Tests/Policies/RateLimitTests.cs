using System.Globalization;
using Gateway.Policies;
using Gateway.Policies.RateLimiting;
using Gateway.Requests;
using Istio.Networking;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Policies;

/// <summary>Local rate limits of EnvoyFilters.</summary>
public sealed class RateLimitTests : IDisposable
{
    private const string On = "filter_enabled: {default_value: {numerator: 100}}, filter_enforced: {default_value: {numerator: 100}}";

    private readonly PolicyMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    private static string Bucket(int max, string interval = "60s", int? perFill = null) =>
        $"token_bucket: {{max_tokens: {max}, fill_interval: {interval}{(perFill is null ? "" : $", tokens_per_fill: {perFill}")}}}";

    private static string Config(string limit) =>
        $"{{'@type': type.googleapis.com/udpa.type.v1.TypedStruct, type_url: {LocalRateLimit.TypeUrl}, value: {{stat_prefix: x, {limit}}}}}";

    private static string Patch(string limit, string match = "context: SIDECAR_INBOUND", string operation = "INSERT_BEFORE") =>
        $"{{applyTo: HTTP_FILTER, match: {{{match}}}, patch: {{operation: {operation}, value: {{name: {LocalRateLimit.FilterName}, typed_config: {Config(limit)}}}}}}}";

    private static string RoutePatch(string limit, string vhost, string applyTo = "HTTP_ROUTE", string more = "") =>
        $"{{applyTo: {applyTo}, match: {{context: SIDECAR_INBOUND, routeConfiguration: {{vhost: {vhost}}}{more}}}, "
        + $"patch: {{operation: MERGE, value: {{typed_per_filter_config: {{{LocalRateLimit.FilterName}: {Config(limit)}}}}}}}}}";

    private static string Filter(string name, string selector, params string[] patches) => $$"""
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: { name: {{name}} }
        spec: { {{(selector.Length == 0 ? "" : $"workloadSelector: {{labels: {{{selector}}}}}, ")}}configPatches: [{{string.Join(", ", patches)}}] }

        """;

    private static int Allowed(PolicyChain chain, int requests, RouteScope route = default) =>
        Enumerable.Range(0, requests).Count(_ => PolicyMesh.Evaluate(chain, PolicyMesh.Request(), route) is null);

    [Theory]
    // It starts full.
    [InlineData(10, 10, 60_000, 0, 10)]
    // And fills steadily: ten a minute are one every six seconds.
    [InlineData(10, 10, 60_000, 5_999, 0)]
    [InlineData(10, 10, 60_000, 6_000, 1)]
    [InlineData(10, 10, 60_000, 59_000, 9)]
    [InlineData(10, 10, 60_000, 60_000, 10)]
    [InlineData(10, 10, 60_000, 600_000, 10)]
    [InlineData(5, 1, 1_000, 3_500, 3)]
    [InlineData(1, 1, 50, 49, 0)]
    [InlineData(1, 1, 50, 50, 1)]
    public void A_bucket(uint max, uint perFill, int intervalMilliseconds, int waited, int expected)
    {
        var time = new FakeTimeProvider();
        var bucket = new RequestBucket(
            new TokenBucket(max, perFill, new(intervalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms")), time);
        int Take() => Enumerable.Range(0, 100).Count(_ => bucket.TryTake());
        if (waited == 0)
        {
            Assert.Equal(expected, Take());
            return;
        }

        Take();
        time.Advance(TimeSpan.FromMilliseconds(waited));
        Assert.Equal(expected, (int)bucket.RemainingTokens);
        Assert.Equal(expected, Take());
    }

    [Fact]
    public void A_bucket_tells_when_the_next_token_comes()
    {
        var time = new FakeTimeProvider();
        var bucket = new RequestBucket(new TokenBucket(2, 1, new("10s")), time);
        Assert.Equal(0u, bucket.SecondsToNextToken);
        Assert.True(bucket.TryTake() && bucket.TryTake() && !bucket.TryTake());
        Assert.Equal(10u, bucket.SecondsToNextToken);
        time.Advance(TimeSpan.FromSeconds(2.5));
        Assert.Equal(8u, bucket.SecondsToNextToken);
    }

    [Fact]
    public void Many_threads_never_take_more_than_there_is()
    {
        var bucket = new RequestBucket(new TokenBucket(1000, 1, new("1h")), new FakeTimeProvider());
        var taken = 0;
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 1000; i++)
            {
                Interlocked.Add(ref taken, bucket.TryTake() ? 1 : 0);
            }
        });
        Assert.Equal(1000, taken);
    }

    [Fact]
    public void What_is_too_much_is_refused()
    {
        var chain = _mesh.Chain(Filter("limit", "app: ping", Patch($"{Bucket(2)}, {On}")));
        Assert.Equal(2, Allowed(chain, 2));
        var reply = PolicyMesh.Evaluate(chain, PolicyMesh.Request())!;
        Assert.Equal((429, "local_rate_limited", ResponseFlags.RL, "local_rate_limited"), (reply.Status, reply.Body, reply.Flags, reply.Details));
        Assert.Empty(reply.Headers);
    }

    [Fact]
    public void The_refusal_can_be_another()
    {
        var headers = "response_headers_to_add: [{append_action: OVERWRITE_IF_EXISTS_OR_ADD, header: {key: x-limited, value: 'true'}}, "
            + "{append: false, header: {key: x-limited, value: 'yes'}}, {header: {key: x-limited, value: also}}]";
        var reply = PolicyMesh.Evaluate(_mesh.Chain(Filter("limit", "", Patch($"status: {{code: 503}}, {Bucket(0)}, {On}, {headers}"))), PolicyMesh.Request())!;
        Assert.Equal(503, reply.Status);
        Assert.Equal([new("x-limited", "yes"), new("x-limited", "also")], reply.Headers);
    }

    [Theory]
    // By default nothing is counted, and nothing refused.
    [InlineData("", 100, 100)]
    [InlineData("filter_enabled: {default_value: {numerator: 100}}", 100, 100)]
    [InlineData("filter_enforced: {default_value: {numerator: 100}}", 100, 100)]
    [InlineData(On, 0, 0)]
    [InlineData("filter_enabled: {default_value: {numerator: 50}}, filter_enforced: {default_value: {numerator: 100}}", 45, 55)]
    [InlineData("filter_enabled: {default_value: {numerator: 100}}, filter_enforced: {default_value: {numerator: 2500, denominator: TEN_THOUSAND}}", 70, 80)]
    public void Fractions_are_drawn_for_each_request(string fractions, int least, int most)
    {
        var chain = _mesh.Chain(Filter("limit", "", Patch($"{Bucket(0)}{(fractions.Length == 0 ? "" : ", " + fractions)}")));
        Assert.InRange(Allowed(chain, 10_000) / 100.0, least, most);
    }

    [Fact]
    public void Without_a_bucket_there_is_no_limit() => Assert.Equal(10, Allowed(_mesh.Chain(Filter("limit", "", Patch(On))), 10));

    [Fact]
    public void Each_replica_and_each_port_has_a_bucket_of_its_own()
    {
        var set = _mesh.Compile(Filter("limit", "app: ping", Patch($"{Bucket(2)}, {On}")));
        Assert.Equal(2, Allowed(set.For(PolicyMesh.Ping), 5));
        Assert.Equal(2, Allowed(set.For(PolicyMesh.Ping with { Name = "ping-b" }), 5));
        Assert.Equal(2, Allowed(set.For(PolicyMesh.Ping with { Port = 9090 }), 5));
        Assert.Equal(0, Allowed(set.For(PolicyMesh.Ping), 5));
    }

    [Fact]
    public void A_reload_keeps_what_is_left_unless_the_limit_has_changed()
    {
        var yaml = Filter("limit", "", Patch($"{Bucket(3)}, {On}"));
        var before = _mesh.Chain(yaml);
        Assert.Equal(2, Allowed(before, 2));
        var after = _mesh.Chain(yaml + "---\n" + PolicyMesh.Authorization("{rules: [{}]}"));
        Assert.Equal(1, Allowed(after, 5));
        Assert.Equal(4, Allowed(_mesh.Chain(Filter("limit", "", Patch($"{Bucket(4)}, {On}"))), 5));
        GC.KeepAlive(before);
    }

    [Theory]
    [InlineData("", "context: SIDECAR_INBOUND", "ping")]
    [InlineData("", "context: ANY", "ping, caller")]
    [InlineData("", "context: SIDECAR_OUTBOUND", "caller")]
    [InlineData("", "context: GATEWAY", "")]
    [InlineData("", "", "ping, caller")]
    [InlineData("app: pong", "context: ANY", "")]
    [InlineData("app: ping", "context: ANY", "ping, caller")]
    [InlineData("", "context: SIDECAR_INBOUND, listener: {portNumber: 8080}", "ping")]
    [InlineData("", "context: SIDECAR_INBOUND, listener: {portNumber: 9090}", "")]
    [InlineData("", "context: SIDECAR_INBOUND, listener: {filterChain: {destinationPort: 8080}}", "ping")]
    [InlineData("", "context: SIDECAR_INBOUND, listener: {filterChain: {destinationPort: 9090}}", "")]
    [InlineData("", "context: SIDECAR_INBOUND, proxy: {metadata: {A: b}}", "")]
    public void A_limit_applies_where_its_match_says(string selector, string match, string expected)
    {
        var set = _mesh.Compile(Filter("limit", selector, Patch($"{Bucket(0)}, {On}", match)));
        var places = new[] { ("ping", PolicyMesh.Ping), ("caller", PolicyMesh.Ping with { Listener = ListenerKind.SidecarOutbound }), ("gateway", PolicyMesh.Gateway) };
        Assert.Equal(expected, string.Join(", ", places.Where(place => Allowed(set.For(place.Item2), 1) == 0).Select(place => place.Item1)));
    }

    [Fact]
    public void A_limit_for_the_gateway_stands_in_its_namespace()
    {
        var filter = Filter("limit", "istio: ingressgateway", Patch($"{Bucket(0)}, {On}", "context: GATEWAY"))
            .Replace("name: limit", "name: limit, namespace: istio-system", StringComparison.Ordinal);
        Assert.Equal(0, Allowed(_mesh.Chain(filter, PolicyMesh.Gateway), 1));
    }

    [Theory]
    // Without a filter to stand before, it stands first: before the policies.
    [InlineData("INSERT_BEFORE", "", 429)]
    [InlineData("INSERT_FIRST", "envoy.filters.http.router", 429)]
    [InlineData("INSERT_BEFORE", "envoy.filters.http.router", 403)]
    [InlineData("INSERT_BEFORE", "envoy.filters.http.rbac", 429)]
    [InlineData("INSERT_AFTER", "envoy.filters.http.rbac", 403)]
    [InlineData("REPLACE", "envoy.filters.http.rbac", 429)]
    // A filter that is not there places nothing.
    [InlineData("INSERT_BEFORE", "envoy.filters.http.lua", 403)]
    [InlineData("INSERT_BEFORE", "envoy.filters.http.jwt_authn", 429)]
    public void The_place_in_the_chain_is_the_patchs(string operation, string subFilter, int status)
    {
        var match = "context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager"
            + (subFilter.Length == 0 ? "" : $", subFilter: {{name: {subFilter}}}") + "}}}";
        var chain = _mesh.Chain(PolicyMesh.Join(
            Filter("limit", "", Patch($"{Bucket(0)}, {On}", match, operation)), PolicyMesh.Authorization("{}")));
        Assert.Equal(status, PolicyMesh.Evaluate(chain, PolicyMesh.Request())!.Status);
        Assert.Empty(_mesh.Findings);
    }

    [Fact]
    public void Istios_own_filters_can_be_removed()
    {
        var chain = _mesh.Chain(PolicyMesh.Join(PolicyMesh.Authorization("{}"), Filter("open", "",
            "{applyTo: HTTP_FILTER, match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: "
            + "envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.rbac}}}}}, patch: {operation: REMOVE}}")));
        Assert.Null(PolicyMesh.Evaluate(chain, PolicyMesh.Request()));
        Assert.Empty(_mesh.Findings);
    }

    [Fact]
    public void A_route_may_have_a_limit_of_its_own()
    {
        var chain = _mesh.Chain(Filter("limit", "", Patch($"{Bucket(5)}, {On}"),
            RoutePatch($"{Bucket(3)}, {On}", "{name: 'inbound|http|8080'}", "VIRTUAL_HOST"),
            RoutePatch($"{Bucket(2)}, {On}", "{name: 'inbound|http|8080', route: {name: slow}}"),
            RoutePatch($"{Bucket(1)}, {On}", "{name: 'inbound|http|8080', route: {name: slow}}", more: ", proxy: {metadata: {a: b}}")));
        Assert.Empty(_mesh.Findings);
        Assert.Equal(2, Allowed(chain, 10, new RouteScope("inbound|http|8080", "slow", null, null)));
        Assert.Equal(3, Allowed(chain, 10, new RouteScope("inbound|http|8080", "default", null, null)));
        Assert.Equal(3, Allowed(chain, 10, new RouteScope("inbound|http|8080", "other", null, null)));
        Assert.Equal(5, Allowed(chain, 10, new RouteScope("inbound|http|9090", "default", null, null)));
        Assert.Equal(0, Allowed(chain, 10, default));
    }

    [Fact]
    public void Filters_apply_by_priority_and_then_from_the_root_namespace()
    {
        var early = Filter("z", "", Patch($"status: {{code: 401}}, {Bucket(0)}, {On}")).Replace("configPatches", "priority: -1, configPatches", StringComparison.Ordinal);
        var late = Filter("a", "", Patch($"status: {{code: 402}}, {Bucket(0)}, {On}"));
        // The later one is inserted before the earlier one.
        Assert.Equal(402, PolicyMesh.Evaluate(_mesh.Chain(PolicyMesh.Join(late, early)), PolicyMesh.Request())!.Status);
        var root = Filter("z", "", Patch($"status: {{code: 403}}, {Bucket(0)}, {On}")).Replace("name: z", "name: z, namespace: istio-system", StringComparison.Ordinal);
        Assert.Equal(402, PolicyMesh.Evaluate(_mesh.Chain(PolicyMesh.Join(late, root)), PolicyMesh.Request())!.Status);
    }

    [Theory]
    [InlineData("token_bucket: {max_tokens: 1, fill_interval: 49ms}", "INSERT_BEFORE", "", "GWY037")]
    [InlineData("token_bucket: {max_tokens: 1}", "INSERT_BEFORE", "", "GWY037")]
    [InlineData("token_bucket: {max_tokens: 1, fill_interval: 1s}", "ADD", "", "GWY037")]
    [InlineData("token_bucket: {max_tokens: 1, fill_interval: 1s}", "INSERT_AFTER", "", "GWY037")]
    [InlineData("token_bucket: {max_tokens: 1, fill_interval: 1s}", "MERGE", "", "GWY037")]
    [InlineData("token_bucket: {max_tokens: 1, fill_interval: 1s}", "INSERT_BEFORE", "listener: {name: x}", "GWY037")]
    [InlineData("token_bucket: {max_tokens: 1, fill_interval: 1s}", "INSERT_BEFORE", "listener: {filterChain: {sni: x}}", "GWY037")]
    [InlineData("token_bucket: {max_tokens: 1, fill_interval: 1s}", "INSERT_BEFORE", "listener: {filterChain: {filter: {name: tcp}}}", "GWY037")]
    [InlineData("token_bucket: {max_tokens: 1, fill_interval: 1s}, response_headers_to_add: [{header: {key: a, value: '%PROTOCOL%'}}]", "INSERT_BEFORE", "", "GWY037")]
    public void What_is_not_executed_is_reported(string limit, string operation, string match, string code)
    {
        Assert.Empty(_mesh.Chain(Filter("limit", "", Patch($"{limit}, {On}", match, operation))).Filters);
        Assert.Equal((code, "spec.configPatches[0]"), (Assert.Single(_mesh.Findings).Code, _mesh.Findings[0].Field));
    }

    [Fact]
    public void Any_other_patch_is_reported()
    {
        _mesh.Compile(Filter("other", "", "{applyTo: CLUSTER, patch: {operation: MERGE, value: {connect_timeout: 1s}}}"));
        Assert.Equal("GWY038", Assert.Single(_mesh.Codes));
    }
}
