using Gateway.Clusters;
using Gateway.Clusters.Balancing;
using Istio.Networking;
using static Gateway.Tests.Clusters.TestCluster;

namespace Gateway.Tests.Clusters;

/// <summary>What each field of a traffic policy becomes.</summary>
public sealed class ClusterSettingsTests
{
    private static ClusterSettings Policy(string policy, ClusterClient? client = null, int port = 8080) =>
        Compile(PingService + Rule("r", "default", $"{{host: ping, trafficPolicy: {policy}}}"), client).Clusters.SettingsOf(port);

    [Fact]
    public void All_of_connectionPool_is_read()
    {
        var settings = Policy("""
            {connectionPool: {tcp: {maxConnections: 1, connectTimeout: 2s, maxConnectionDuration: 3s, tcpKeepalive: {time: 4s, interval: 5s, probes: 3}},
                http: {http1MaxPendingRequests: 5, http2MaxRequests: 6, maxRequestsPerConnection: 7, maxRetries: 8, idleTimeout: 9s,
                maxConcurrentStreams: 10, http2KeepAlive: {interval: 11s, timeout: 12s}}}}
            """.Trim());
        Assert.Equal(new(1, 5, 6, 8), settings.Limits);
        Assert.Equal(new ConnectionSettings(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9), 7)
        {
            MaxConnectionDuration = TimeSpan.FromSeconds(3),
            MaxConcurrentStreams = 10,
            TcpKeepalive = new TcpKeepalive { Time = TimeSpan.FromSeconds(4), Interval = TimeSpan.FromSeconds(5), Probes = 3 },
            Http2Keepalive = new ConnectionKeepalive { Interval = TimeSpan.FromSeconds(11), Timeout = TimeSpan.FromSeconds(12) },
        }, settings.Connections);
    }

    [Theory]
    [InlineData("{}", 3600d)]
    [InlineData("{tcp: {idleTimeout: 5s}}", 5d)]
    [InlineData("{tcp: {idleTimeout: 5s}, http: {idleTimeout: 6s}}", 6d)]
    [InlineData("{http: {idleTimeout: 0s}}", null)]
    public void The_idle_timeout_is_HTTPs_then_TCPs_then_an_hour(string pool, double? seconds) =>
        Assert.Equal(seconds, Policy($"{{connectionPool: {pool}}}").Connections.IdleTimeout?.TotalSeconds);

    [Fact]
    public void Zero_is_as_good_as_absent() => Assert.Equal(
        new(), Policy("""
            {connectionPool: {tcp: {maxConnections: 0}, http: {http1MaxPendingRequests: 0, http2MaxRequests: 0, maxRetries: 0}}}
            """.Trim()).Limits);

    [Theory]
    [InlineData("{retryBudget: {}}", 20, 3, 0)]
    [InlineData("{retryBudget: {percent: 50, minRetryConcurrency: 7, budgetInterval: 2s}}", 50, 7, 2)]
    [InlineData("{retryBudget: {percent: 0, minRetryConcurrency: 0}}", 0, 3, 0)]
    public void A_retry_budget_has_defaults(string policy, double percent, uint least, double seconds) =>
        Assert.Equal(new(percent, least, TimeSpan.FromSeconds(seconds)), Policy(policy).Limits.RetryBudget);

    [Theory]
    [InlineData("{}", "LeastRequest")]
    [InlineData("{simple: UNSPECIFIED}", "LeastRequest")]
    [InlineData("{simple: LEAST_CONN}", "LeastRequest")]
    [InlineData("{simple: LEAST_REQUEST}", "LeastRequest")]
    [InlineData("{simple: ROUND_ROBIN}", "RoundRobin")]
    [InlineData("{simple: RANDOM}", "Random")]
    [InlineData("{simple: PASSTHROUGH}", "Passthrough")]
    [InlineData("{consistentHash: {httpHeaderName: x}}", "RingHash 1024 HeaderHash { Name = x }")]
    [InlineData("{consistentHash: {httpHeaderName: x, minimumRingSize: 5}}", "RingHash 5 HeaderHash { Name = x }")]
    [InlineData("{consistentHash: {useSourceIp: true, ringHash: {}}}", "RingHash 1024 SourceAddressHash { }")]
    [InlineData("{consistentHash: {useSourceIp: false}}", "RingHash 1024")]
    [InlineData("{consistentHash: {httpQueryParameterName: q, ringHash: {minimumRingSize: 7}}}",
        "RingHash 7 QueryParameterHash { Name = q }")]
    [InlineData("{consistentHash: {httpQueryParameterName: q, maglev: {}}}", "Maglev 65537 QueryParameterHash { Name = q }")]
    [InlineData("{consistentHash: {httpQueryParameterName: q, maglev: {tableSize: 251}}}", "Maglev 251 QueryParameterHash { Name = q }")]
    public void All_balancers_are_read(string balancer, string expected)
    {
        var settings = Policy($"{{loadBalancer: {balancer}}}").Balancer;
        var size = settings.TableSize > 0 ? $" {settings.TableSize}" : "";
        Assert.Equal(expected, $"{settings.Kind}{size} {settings.Hash}".TrimEnd());
    }

    [Theory]
    [InlineData("{name: u, ttl: 0s}", 0d, "", "")]
    [InlineData("{name: u, ttl: 60s, path: /x, attributes: [{name: SameSite, value: Lax}]}", 60d, "/x", "SameSite=Lax")]
    [InlineData("{name: u}", null, "", "")]
    public void A_cookies_settings_are_read(string cookie, double? seconds, string path, string attributes)
    {
        var hash = Assert.IsType<CookieHash>(Policy($"{{loadBalancer: {{consistentHash: {{httpCookie: {cookie}}}}}}}").Balancer.Hash);
        Assert.Equal(("u", seconds, path), (hash.Name, hash.Ttl?.TotalSeconds, hash.Path));
        Assert.Equal(attributes, string.Join(',', hash.Attributes.Select(attribute => $"{attribute.Name}={attribute.Value}")));
    }

    [Theory]
    [InlineData("{warmup: {duration: 60s}}", 60, 1, 10)]
    [InlineData("{simple: ROUND_ROBIN, warmup: {duration: 60s, aggression: 2, minimumPercent: 0}}", 60, 2, 0)]
    [InlineData("{simple: LEAST_REQUEST, warmupDurationSecs: 30s}", 30, 1, 10)]
    [InlineData("{warmup: {duration: 60s}, warmupDurationSecs: 30s}", 60, 1, 10)]
    public void Warm_up_is_read(string balancer, double seconds, double aggression, double least) =>
        Assert.Equal(new SlowStart(TimeSpan.FromSeconds(seconds), aggression, least),
            Policy($"{{loadBalancer: {balancer}}}").Balancer.SlowStart);

    [Theory]
    [InlineData("{simple: RANDOM, warmup: {duration: 60s}}")]
    [InlineData("{consistentHash: {useSourceIp: true}, warmup: {duration: 60s}}")]
    [InlineData("{simple: ROUND_ROBIN}")]
    public void Other_balancers_do_not_warm_up(string balancer) => Assert.Null(Policy($"{{loadBalancer: {balancer}}}").Balancer.SlowStart);

    [Theory]
    [InlineData(65536)]
    [InlineData(5000077)]
    public void A_Maglev_table_that_Envoy_rejects_is_a_finding(int size)
    {
        var (clusters, findings) = Compile(PingService
            + Rule("r", "default", $$$$$$"""
                {host: ping, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: {{{{{{size}}}}}} }}}}}
                """));
        var finding = Assert.Single(findings);
        Assert.Equal(("GWY040", "DestinationRule", "r"), (finding.Code, finding.Kind, finding.Name));
        Assert.Contains($"{size}", finding.Message, StringComparison.Ordinal);
        Assert.Equal(65537ul, clusters.SettingsOf().Balancer.TableSize);
    }

    [Fact]
    public void All_of_outlierDetection_is_read()
    {
        var outliers = Policy("""
            {outlierDetection: {consecutive5xxErrors: 1, consecutiveGatewayErrors: 2, consecutiveLocalOriginFailures: 3,
                splitExternalLocalOriginErrors: true, interval: 4s, baseEjectionTime: 5s, maxEjectionPercent: 60, minHealthPercent: 7,
                outlierDetectionHttpErrorCodes: [429, 500]}}
            """.Trim()).Outliers;
        Assert.Equal(new()
        {
            Consecutive5xx = 1,
            ConsecutiveGatewayErrors = 2,
            ConsecutiveLocalOriginFailures = 3,
            SplitLocalOrigin = true,
            Interval = TimeSpan.FromSeconds(4),
            BaseEjectionTime = TimeSpan.FromSeconds(5),
            MaxEjectionPercent = 60,
            MinHealthPercent = 7,
            ErrorCodes = [429, 500],
        }, outliers);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{consecutiveErrors: 9, maxEjectionPercent: 0, minHealthPercent: 0, consecutiveLocalOriginFailures: 0}")]
    public void An_empty_outlierDetection_turns_it_on_with_Envoys_defaults(string outlier) =>
        Assert.Equal(new(), Policy($"{{outlierDetection: {outlier}}}").Outliers);

    [Theory]
    // Port 8080 is http, 9090 is grpc.
    [InlineData("{}", 8080, "Http1")]
    [InlineData("{}", 9090, "Http2")]
    [InlineData("{h2UpgradePolicy: UPGRADE}", 8080, "Http2")]
    [InlineData("{h2UpgradePolicy: DEFAULT}", 8080, "Http1")]
    [InlineData("{h2UpgradePolicy: DO_NOT_UPGRADE}", 8080, "Http1")]
    [InlineData("{h2UpgradePolicy: DO_NOT_UPGRADE}", 9090, "Http2")]
    [InlineData("{useClientProtocol: true}", 8080, "ClientProtocol")]
    [InlineData("{useClientProtocol: true, h2UpgradePolicy: UPGRADE}", 8080, "ClientProtocol")]
    public void The_protocol_is_the_ports_unless_the_rule_upgrades(string http, int port, string expected) =>
        Assert.Equal(expected, $"{Policy($"{{connectionPool: {{http: {http}}}}}", port: port).Protocol}");

    [Theory]
    [InlineData(false, "ClientProtocol")]
    [InlineData(true, "Http1")]
    public void An_undeclared_port_speaks_the_clients_protocol_except_at_a_gateway(bool isGateway, string expected)
    {
        var (clusters, _) = Compile(
            "apiVersion: v1\nkind: Service\nmetadata: {name: ping}\nspec: {ports: [{port: 8080}]}\n",
                new ClusterClient("default", IsGateway: isGateway));
        Assert.Equal(expected, $"{clusters.SettingsOf().Protocol}");
    }

    [Theory]
    [InlineData("{mode: SIMPLE}", true, "SIMPLE  False ")]
    [InlineData("{mode: SIMPLE, sni: a.b, subjectAltNames: [x, z], insecureSkipVerify: true}", true, "SIMPLE a.b True x,z")]
    [InlineData("{mode: MUTUAL, clientCertificate: /c, privateKey: /k}", true, "MUTUAL  False ")]
    [InlineData("{mode: DISABLE}", true, null)]
    [InlineData("{}", true, null)]
    [InlineData("{mode: ISTIO_MUTUAL}", true, null)]
    [InlineData("{mode: SIMPLE, credentialName: s}", true, "SIMPLE  False ")]
    [InlineData("{mode: SIMPLE, credentialName: s}", false, null)]
    [InlineData("{mode: SIMPLE, credentialName: 'configmap://s'}", false, "SIMPLE  False ")]
    public void TLS_is_data_for_the_connection(string tls, bool isGateway, string? expected)
    {
        var compiled = Policy($"{{tls: {tls}}}", new ClusterClient("default", IsGateway: isGateway)).Tls;
        Assert.Equal(expected, compiled is null ? null
            : $"{compiled.Mode} {compiled.Sni} {compiled.SkipVerify} {string.Join(',', compiled.SubjectAltNames)}");
    }

    [Fact]
    public void A_ServiceEntrys_names_are_those_of_its_certificate()
    {
        var (clusters, _) = Compile("""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: api}
            spec: {hosts: [api.example.com], ports: [{number: 443, name: https, protocol: HTTPS}], resolution: DNS,
                subjectAltNames: [spiffe://x]}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: api}
            spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE}}}
            """);
        Assert.Equal(["spiffe://x"], clusters.Find(new ClusterKey("api.example.com", 443))!.Settings.Tls!.SubjectAltNames);
    }

    [Fact]
    public void Tunnels_are_data() =>
        Assert.Equal("proxy.example.com", Policy("{tunnel: {targetHost: proxy.example.com, targetPort: 443}}").Tunnel!.TargetHost);
}
