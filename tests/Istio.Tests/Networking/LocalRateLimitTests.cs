using Istio.Documents;
using Istio.Networking;
using Istio.Tests.Documents;

namespace Istio.Tests.Networking;

public class LocalRateLimitTests
{
    private const string Filter = """
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: {name: ping-limit}
        spec:
          workloadSelector:
            labels: {app: ping}
          configPatches:
          - applyTo: HTTP_FILTER
            match:
              context: SIDECAR_INBOUND
              listener:
                filterChain:
                  filter: {name: envoy.filters.network.http_connection_manager}
            patch:
              operation: INSERT_BEFORE
              value:
                name: envoy.filters.http.local_ratelimit
                typed_config:
                  "@type": type.googleapis.com/udpa.type.v1.TypedStruct
                  type_url: type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                  value:
                    stat_prefix: http_local_rate_limiter
                    status: {code: 503}
                    token_bucket: {max_tokens: 4, tokens_per_fill: 2, fill_interval: 0.5s}
                    filter_enabled:
                      runtime_key: local_rate_limit_enabled
                      default_value: {numerator: 100, denominator: HUNDRED}
                    filter_enforced:
                      runtime_key: local_rate_limit_enforced
                      default_value: {numerator: 1250, denominator: TEN_THOUSAND}
                    response_headers_to_add:
                    - append_action: OVERWRITE_IF_EXISTS_OR_ADD
                      header: {key: x-local-rate-limit, value: "true"}
        """;

    private static readonly LocalRateLimit Limit = new()
    {
        TokenBucket = new(4, 2, new Duration("0.5s")),
        EnforcedPercent = 12.5,
        Status = 503,
        ResponseHeadersToAdd = [new("x-local-rate-limit", "true")],
    };

    [Fact]
    public void A_rate_limit_in_csharp_equals_the_filter_in_yaml() => SameDocument.Assert(EnvoyFilter.LocalRateLimit("ping-limit", Limit, ("app", "ping")), Filter);

    [Fact]
    public void A_rate_limit_is_recognised_in_the_filter()
    {
        var filter = Assert.Single(ResourceReader.ReadText(Filter, "f.yaml").OfType<EnvoyFilter>()).Resource;

        var found = Assert.Single(filter.LocalRateLimits());

        Assert.Equal((0, false, Limit), (found.PatchIndex, found.IsPerRoute, found.Limit));
    }

    [Fact]
    public void A_limit_for_a_route_is_recognised_beside_the_filter()
    {
        var perRoute = Limit with { TokenBucket = new(10, 10, TimeSpan.FromSeconds(60)), EnforcedPercent = 0.0001, ResponseHeadersToAdd = default, Status = 429 };
        var filter = EnvoyFilter.GatewayRateLimit("edge", new(), ("istio", "ingressgateway")).ForRoute(perRoute, "ping.example:80", "api");

        var found = filter.LocalRateLimits().ToList();

        Assert.Equal([false, true], found.Select(patch => patch.IsPerRoute));
        Assert.Null(found[0].Limit.TokenBucket);
        Assert.Equal(perRoute with { TokenBucket = new(10, 10, new Duration("60s")) }, found[1].Limit);
        Assert.Equal("ping.example:80", found[1].Patch.Match!.RouteConfiguration!.Vhost!.Name);
        Assert.Equal(PatchContext.Gateway, found[1].Patch.Match!.Context);
        SameDocument.Assert(filter, ResourceWriter.Write(filter));
    }

    [Fact]
    public void The_typed_message_in_camelCase_is_read_too_and_absent_shares_are_zero()
    {
        var limit = Assert.Single(Read("""
            applyTo: HTTP_FILTER
            patch:
              operation: INSERT_BEFORE
              value:
                name: whatever
                typedConfig:
                  "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                  statPrefix: limit
                  tokenBucket: {maxTokens: "7", fillInterval: 1s}
                  status: {code: 200}
                  responseHeadersToAdd: [{header: {key: a, value: b}}, {append: false, header: {key: c, value: d}}]
            """)).Limit;

        Assert.Equal(new LocalRateLimit
        {
            StatPrefix = "limit",
            TokenBucket = new(7, 1, new Duration("1s")),
            EnabledPercent = 0,
            EnforcedPercent = 0,
            ResponseHeadersToAdd = [new("a", "b", Append: true), new("c", "d")],
        }, limit);
    }

    [Fact]
    public void Descriptors_and_their_rules_survive_writing_and_reading()
    {
        var limit = Limit with
        {
            Descriptors =
            [
                new([new("user"), new("path", "/slow")], new(1, 1, new Duration("60s"))),
                new([new("generic_key", "all")], new(5, 2, new Duration("1s"))),
            ],
            RateLimits =
            [
                new([new RequestHeaderAction("x-user", "user"), new RequestHeaderAction(":path", "path", SkipIfAbsent: true)]),
                new([new GenericKeyAction("all"), new QueryParameterAction("x", "y"), new RemoteAddressAction()]),
                new(
                [
                    new HeaderValueMatchAction(
                        "v",
                        [
                            new("a") { Exact = "1", IgnoreCase = true }, new("b") { Prefix = "2" }, new("c") { Suffix = "3", Invert = true },
                            new("d") { Contains = "4" }, new("e") { Regex = "5" }, new("f") { Present = false },
                        ],
                        ExpectMatch: false, "k"),
                ]),
            ],
            MaxDynamicDescriptors = 7,
            AlwaysConsumesDefaultTokenBucket = false,
            HasRateLimitHeaders = true,
            IsResourceExhausted = true,
            VirtualHostRateLimits = "INCLUDE",
            Stage = 2,
            RequestHeadersToAddWhenNotEnforced = [new("x-over", "true")],
        };
        Assert.Equal(limit, Assert.Single(EnvoyFilter.LocalRateLimit("f", limit).LocalRateLimits()).Limit);
    }

    [Fact]
    public void What_the_model_does_not_have_is_named()
    {
        var limit = Assert.Single(Read("""
            applyTo: HTTP_FILTER
            patch:
              operation: INSERT_BEFORE
              value:
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
                  localClusterRateLimit: {}
                  rate_limits: [{actions: [{metadata: {}}, {remote_address: {}}], hits_addend: {number: 1}}]
            """)).Limit;
        Assert.Equal(["local_cluster_rate_limit"], limit.Others);
        Assert.Equal(
            [new OtherRateLimitAction("metadata"), new RemoteAddressAction(), new OtherRateLimitAction("hits_addend")],
            Assert.Single(limit.RateLimits).Actions);
    }

    [Theory]
    [InlineData("{applyTo: CLUSTER, patch: {operation: MERGE, value: {typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit}}}}")]
    [InlineData("{applyTo: HTTP_FILTER, patch: {operation: REMOVE, value: {typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit}}}}")]
    [InlineData("{applyTo: HTTP_FILTER, patch: {operation: INSERT_BEFORE, value: {name: envoy.filters.http.lua, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua}}}}")]
    [InlineData("{applyTo: HTTP_FILTER, patch: {operation: INSERT_BEFORE, value: {name: [], typed_config: 5}}}")]
    [InlineData("{applyTo: HTTP_FILTER}")]
    public void Other_patches_are_no_rate_limits(string patch) => Assert.Empty(Read(patch));

    private static List<LocalRateLimitPatch> Read(string patch)
    {
        var yaml = $"""
            apiVersion: networking.istio.io/v1alpha3
            kind: EnvoyFilter
            metadata:
              name: f
            spec:
              configPatches:
              - {patch.Replace("\n", "\n    ", StringComparison.Ordinal)}
            """;
        return [.. Assert.Single(ResourceReader.ReadText(yaml, "f.yaml").OfType<EnvoyFilter>()).Resource.LocalRateLimits()];
    }
}
