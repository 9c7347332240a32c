using Istio.Documents;
using Istio.Networking;
using Istio.Tests.Documents;

namespace Istio.Tests.Networking;

public class DestinationRuleExtensionsTests
{
    public static TheoryData<string, string> Policies => new()
    {
        { "round robin", "loadBalancer: {simple: ROUND_ROBIN}" },
        { "least request", "loadBalancer: {simple: LEAST_REQUEST}" },
        { "random", "loadBalancer: {simple: RANDOM}" },
        { "passthrough", "loadBalancer: {simple: PASSTHROUGH}" },
        { "hash header", "loadBalancer: {consistentHash: {httpHeaderName: x-user}}" },
        { "hash query", "loadBalancer: {consistentHash: {httpQueryParameterName: user}}" },
        { "hash address", "loadBalancer: {consistentHash: {useSourceIp: true}}" },
        { "hash cookie", "loadBalancer: {consistentHash: {httpCookie: {name: user, ttl: 0s, path: /}}}" },
        { "eject", "outlierDetection: {consecutive5xxErrors: 3, interval: 5s, baseEjectionTime: 15s, maxEjectionPercent: 67}" },
        { "eject on gateway errors", "outlierDetection: {consecutive5xxErrors: 0, consecutiveGatewayErrors: 2, minHealthPercent: 30}" },
        { "pool", "connectionPool: {tcp: {maxConnections: 1, connectTimeout: 30ms}, http: {http1MaxPendingRequests: 2, http2MaxRequests: 3, maxRequestsPerConnection: 4, maxRetries: 5, idleTimeout: 60s}}" },
        { "pool for http only", "connectionPool: {http: {http2MaxRequests: 10}}" },
        { "tls", "tls: {mode: SIMPLE, sni: ping.example}" },
        { "port", "portLevelSettings: [{port: {number: 8080}, loadBalancer: {simple: RANDOM}, outlierDetection: {consecutive5xxErrors: 1}}]" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_policy_in_csharp_equals_the_policy_in_yaml(string name, string policy) =>
        SameDocument.Assert(DestinationRule.For("ping").TrafficPolicy(p => Write(name, p)), $$"""
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: ping}
            spec: {host: ping, trafficPolicy: { {{policy}} } }
            """);

    [Fact]
    public void A_rule_in_csharp_equals_the_rule_in_yaml() =>
        SameDocument.Assert(
            DestinationRule.For("ping").Named("ping-rule").RoundRobin()
                .Eject(consecutive5xx: 3, interval: TimeSpan.FromSeconds(5), baseEjectionTime: TimeSpan.FromSeconds(15), maxEjectionPercent: 67)
                .ConnectionPool(maxConnections: 100).ExportTo("*")
                .Subset("v1", ("version", "v1")).Subset("v2", [("version", "v2"), ("track", "canary")], p => p.Random()).Subset("all"),
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: ping-rule}
            spec:
              host: ping
              exportTo: ["*"]
              trafficPolicy:
                loadBalancer: {simple: ROUND_ROBIN}
                outlierDetection: {consecutive5xxErrors: 3, interval: 5s, baseEjectionTime: 15s, maxEjectionPercent: 67}
                connectionPool: {tcp: {maxConnections: 100}}
              subsets:
              - name: v1
                labels: {version: v1}
              - name: v2
                labels: {track: canary, version: v2}
                trafficPolicy: {loadBalancer: {simple: RANDOM}}
              - name: all
            """);

    [Theory]
    [InlineData("LEAST_REQUEST")]
    [InlineData("RANDOM")]
    public void A_rule_takes_the_balancer_without_a_policy_in_between(string simple) =>
        Assert.Equal(
            DestinationRule.For("ping").TrafficPolicy(p => p.LoadBalancer(simple)),
            simple == SimpleLoadBalancer.Random ? DestinationRule.For("ping").Random() : DestinationRule.For("ping").LeastRequest());

    [Fact]
    public void A_simple_balancer_and_a_hash_replace_each_other()
    {
        var hash = new TrafficPolicy().RoundRobin().HashSourceIp();

        Assert.Equal(new TrafficPolicy().HashSourceIp(), hash);
        Assert.Equal(new TrafficPolicy().Random(), hash.Random());
    }

    [Fact]
    public void A_gateway_in_csharp_equals_the_gateway_in_yaml() =>
        SameDocument.Assert(
            Gateway.For("ping-gateway").Http(80, "ping.example").Https(443, "ping-cert", "ping.example", "pong.example").RedirectToHttps(8080)
                .Selector(("istio", "gateway")),
            """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: ping-gateway}
            spec:
              selector: {istio: gateway}
              servers:
              - port: {number: 80, name: http-80, protocol: HTTP}
                hosts: [ping.example]
              - port: {number: 443, name: https-443, protocol: HTTPS}
                hosts: [ping.example, pong.example]
                tls: {mode: SIMPLE, credentialName: ping-cert}
              - port: {number: 8080, name: http-8080, protocol: HTTP}
                hosts: ["*"]
                tls: {httpsRedirect: true}
            """);

    private static TrafficPolicy Write(string name, TrafficPolicy p) => name switch
    {
        "round robin" => p.RoundRobin(),
        "least request" => p.LeastRequest(),
        "random" => p.Random(),
        "passthrough" => p.Passthrough(),
        "hash header" => p.HashHeader("x-user"),
        "hash query" => p.HashQueryParameter("user"),
        "hash address" => p.HashSourceIp(),
        "hash cookie" => p.HashCookie("user", TimeSpan.Zero, "/"),
        "eject" => p.Eject(3, interval: TimeSpan.FromSeconds(5), baseEjectionTime: TimeSpan.FromSeconds(15), maxEjectionPercent: 67),
        "eject on gateway errors" => p.Eject(0, 2, minHealthPercent: 30),
        "pool" => p.ConnectionPool(1, TimeSpan.FromMilliseconds(30), 2, 3, 4, 5, TimeSpan.FromMinutes(1)),
        "pool for http only" => p.ConnectionPool(http2MaxRequests: 10),
        "tls" => p.Tls(ClientTlsMode.Simple, "ping.example"),
        "port" => p.Port(8080, own => own.Random().Eject(1)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such policy."),
    };
}
