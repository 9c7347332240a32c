using Gateway.Clusters;
using Gateway.Clusters.Balancing;
using static Gateway.Tests.Clusters.TestCluster;

namespace Gateway.Tests.Clusters;

/// <summary>Which rule counts for whom, and what its parts make of each other.</summary>
public sealed class DestinationRuleTests
{
    /// <summary>A rule that can be told by its connectTimeout in seconds.</summary>
    private static string Timed(int seconds, string @namespace, string more = "", string host = Ping, string metadata = "",
        string? name = null) =>
        Rule(name ?? $"r{seconds}", @namespace,
            $"{{host: '{host}', trafficPolicy: {{connectionPool: {{tcp: {{connectTimeout: {seconds}s}}}}}}{more}}}", metadata);

    private static ClusterSet Compile(string rules, ClusterClient? client = null) =>
        TestCluster.Compile(PingService + rules, client).Clusters;

    /// <summary>The connectTimeout in force; 10 s when no rule counts.</summary>
    private static double Seconds(ClusterSet clusters, int port = 8080, string subset = "") =>
        clusters.SettingsOf(port, subset).Connections.ConnectTimeout.TotalSeconds;

    [Fact]
    public void Without_a_rule_there_is_a_cluster_for_each_port_with_Istios_defaults()
    {
        var clusters = Compile("");
        Assert.Equal(["outbound|8080||ping.default.svc.cluster.local", "outbound|9090||ping.default.svc.cluster.local"],
            clusters.All.Select(cluster => $"{cluster.Key}").Order());
        var settings = clusters.SettingsOf();
        Assert.Equal(new BalancerSettings(BalancerKind.LeastRequest), settings.Balancer);
        Assert.Equal(ClusterProtocol.Http1, settings.Protocol);
        Assert.Equal(new ConnectionSettings(TimeSpan.FromSeconds(10), TimeSpan.FromHours(1), 0), settings.Connections);
        Assert.Equal(uint.MaxValue, settings.Limits.MaxConnections);
        Assert.Equal(uint.MaxValue, settings.Limits.MaxPendingRequests);
        Assert.Equal(uint.MaxValue, settings.Limits.MaxRequests);
        Assert.Equal(uint.MaxValue, settings.Limits.MaxRetries);
        Assert.Null(settings.Outliers);
        Assert.Null(settings.Tls);
        Assert.Equal(ClusterProtocol.Http2, clusters.SettingsOf(9090).Protocol);
        Assert.Null(clusters.Find(new ClusterKey(Ping, 80)));
        Assert.Null(clusters.Find(new ClusterKey(Ping, 8080, "v1")));
    }

    public static TheoryData<string, string, string, bool, double> Lookups => new()
    {
        // Name, rules, the client's namespace, whether it is a gateway, the connectTimeout in force.
        { "the client's own rule is first", Timed(1, "client") + Timed(2, "default") + Timed(3, "istio-system"), "client", false, 1 },
        { "then the service's", Timed(2, "default") + Timed(3, "istio-system"), "client", false, 2 },
        { "then the root namespace's", Timed(3, "istio-system") + Timed(4, "other"), "client", false, 3 },
        { "a rule of another namespace never", Timed(4, "other"), "client", false, 10 },
        { "the client's wildcard hides the service's exact rule", Timed(1, "client", host: "*.local") + Timed(2, "default"), "client",
            false, 1 },
        { "the exact host is more specific than a wildcard", Timed(1, "default", host: "*.local") + Timed(2, "default"), "client", false,
            2 },
        {
            "the longest wildcard is the most specific",
            Timed(1, "default", host: "*.cluster.local") + Timed(2, "default", host: "*")
                + Timed(3, "default", host: "*.default.svc.cluster.local"),
            "client", false, 3
        },
        { "a short name is one of the rule's namespace", Timed(1, "client", host: "ping") + Timed(2, "default", host: "ping"), "client",
            false, 2 },
        { "a name with a dot is a full name", Timed(1, "default", host: "ping.default"), "default", false, 10 },
        { "a private rule is for its namespace", Timed(2, "default", ", exportTo: ['.']"), "client", false, 10 },
        { "and there it counts", Timed(2, "default", ", exportTo: ['.']"), "default", false, 2 },
        { "a rule exported to the client counts", Timed(2, "default", ", exportTo: ['client']"), "client", false, 2 },
        { "a rule exported elsewhere does not", Timed(2, "default", ", exportTo: ['other']"), "client", false, 10 },
        { "nor in its own namespace", Timed(2, "default", ", exportTo: ['other']"), "default", false, 10 },
        { "an invisible rule lets the root namespace's through", Timed(2, "default", ", exportTo: ['other']") + Timed(3, "istio-system"),
            "client", false, 3 },
        { "a gateway in the root namespace looks at the service's rule first", Timed(2, "default") + Timed(3, "istio-system"),
            "istio-system", true, 2 },
        { "unless its own namespace has a private one", Timed(2, "default") + Timed(3, "istio-system", ", exportTo: ['.']"),
            "istio-system", true, 3 },
        { "and at the root's last", Timed(3, "istio-system"), "istio-system", true, 3 },
    };

    [Theory]
    [MemberData(nameof(Lookups))]
    public void The_rule_is_looked_up_where_Istio_looks(string name, string rules, string @namespace, bool isGateway, double seconds) =>
        Assert.True(seconds == Seconds(Compile(rules, new ClusterClient(@namespace, IsGateway: isGateway))), name);

    [Fact]
    public void Rules_for_one_host_in_one_namespace_are_merged()
    {
        var clusters = Compile(
            Timed(2, "default", ", subsets: [{name: v1, labels: {version: v1}}]", metadata: ", creationTimestamp: '2026-01-02T00:00:00Z'",
                name: "a")
            + Timed(3, "default", ", subsets: [{name: v1, labels: {version: v2}}, {name: v2, labels: {version: v2}}]",
                metadata: ", creationTimestamp: '2026-01-01T00:00:00Z'", name: "b"));
        // The older rule's policy and subsets come first; of the other its new subsets are added.
        Assert.Equal(3, Seconds(clusters));
        Assert.Equal("10.0.0.2:8080", Assert.Single(clusters.Find(new ClusterKey(Ping, 8080, "v1"))!.Hosts).ToString());
        Assert.NotNull(clusters.Find(new ClusterKey(Ping, 8080, "v2")));
        Assert.Equal("default/b, default/a", clusters.Find(new ClusterKey(Ping, 8080))!.Source);
    }

    [Fact]
    public void A_later_rules_policy_counts_where_the_first_has_none()
    {
        var clusters = Compile(Rule("a", "default", $"{{host: {Ping}, subsets: [{{name: v1, labels: {{version: v1}}}}]}}")
            + Timed(3, "default"));
        Assert.Equal(3, Seconds(clusters));
        Assert.Equal(3, Seconds(clusters, subset: "v1"));
    }

    [Fact]
    public void Without_times_of_creation_names_decide() =>
        Assert.Equal(2, Seconds(Compile(Timed(3, "default", name: "b") + Timed(2, "default", name: "a"))));

    [Fact]
    public void Rules_that_different_namespaces_see_are_not_merged()
    {
        var rules = Timed(2, "default", ", exportTo: ['x']", name: "a")
            + Timed(3, "default", ", exportTo: ['y'], subsets: [{name: v1, labels: {version: v1}}]", name: "b");
        Assert.Equal(2, Seconds(Compile(rules, new ClusterClient("x"))));
        Assert.Null(Compile(rules, new ClusterClient("x")).Find(new ClusterKey(Ping, 8080, "v1")));
        Assert.Equal(3, Seconds(Compile(rules, new ClusterClient("y"))));
        Assert.NotNull(Compile(rules, new ClusterClient("y")).Find(new ClusterKey(Ping, 8080, "v1")));
    }

    [Fact]
    public void A_rule_for_selected_workloads_counts_for_these_only()
    {
        var rules = Timed(1, "default", ", workloadSelector: {matchLabels: {app: caller}}") + Timed(2, "default");
        Assert.Equal(1, Seconds(Compile(rules,
            new ClusterClient("default", new Dictionary<string, string> { ["app"] = "caller", ["x"] = "y" }))));
        Assert.Equal(2, Seconds(Compile(rules, new ClusterClient("default", new Dictionary<string, string> { ["app"] = "other" }))));
        Assert.Equal(2, Seconds(Compile(rules, new ClusterClient("client", new Dictionary<string, string> { ["app"] = "caller" }))));
    }

    [Fact]
    public void Subsets_select_endpoints_by_all_their_labels()
    {
        var clusters = Compile(Rule("r", "default", """
            {host: ping, subsets: [{name: v1, labels: {version: v1}}, {name: v3, labels: {version: v3}}, {name: all}, {name: both,
                labels: {app: ping, version: v2}}, {name: none, labels: {app: pong, version: v2}}]}
            """.Trim()));
        string Hosts(string subset) => string.Join(' ', clusters.Find(new ClusterKey(Ping, 8080, subset))!.Hosts);
        Assert.Equal("10.0.0.1:8080", Hosts("v1"));
        Assert.Equal("", Hosts("v3"));
        Assert.Equal("10.0.0.1:8080 10.0.0.2:8080", Hosts("all"));
        Assert.Equal("10.0.0.2:8080", Hosts("both"));
        Assert.Equal("", Hosts("none"));
        Assert.Equal([1, 3], clusters.Find(new ClusterKey(Ping, 8080))!.Hosts.Select(host => host.Weight));
        Assert.Equal("default/b", $"{clusters.Find(new ClusterKey(Ping, 8080))!.Hosts[1].Workload}");
    }

    private const string Layers = """
        {host: ping, trafficPolicy: {
            connectionPool: {tcp: {connectTimeout: 1s}, http: {maxRetries: 1}},
            loadBalancer: {simple: ROUND_ROBIN},
            outlierDetection: {consecutive5xxErrors: 1},
            proxyProtocol: {version: V2},
            portLevelSettings: [{port: {number: 9090}, connectionPool: {tcp: {connectTimeout: 2s}}}]},
         subsets: [
            {name: same},
            {name: pool, trafficPolicy: {connectionPool: {http: {http2MaxRequests: 7}}}},
            {name: port, trafficPolicy: {loadBalancer: {simple: RANDOM}, portLevelSettings: [{port: {number: 8080},
                connectionPool: {tcp: {connectTimeout: 3s}}}]}}]}
        """;

    public static TheoryData<string, int, double, uint, string, bool, string?> Inheritances => new()
    {
        // Subset, port, connectTimeout, maxRetries, balancer, whether there is outlier detection, PROXY header.
        { "", 8080, 1, 1, "RoundRobin", true, "V2" },
        // portLevelSettings replace everything, with defaults for what they leave out.
        { "", 9090, 2, uint.MaxValue, "LeastRequest", false, null },
        // A subset inherits.
        { "same", 8080, 1, 1, "RoundRobin", true, "V2" },
        { "same", 9090, 2, uint.MaxValue, "LeastRequest", false, null },
        // A field of the subset replaces the whole field above it.
        { "pool", 8080, 10, uint.MaxValue, "RoundRobin", true, "V2" },
        // A subset's portLevelSettings for the port clear even what they leave out, the PROXY header apart.
        { "port", 8080, 3, uint.MaxValue, "LeastRequest", false, "V2" },
        // For another port they are not looked at.
        { "port", 9090, 2, uint.MaxValue, "Random", false, null },
    };

    [Theory]
    [MemberData(nameof(Inheritances))]
    public void Policies_replace_each_other_as_in_Istio(
        string subset, int port, double seconds, uint retries, string balancer, bool isDetecting, string? proxyProtocol)
    {
        var settings = Compile(Rule("r", "default", Layers.ReplaceLineEndings(" "))).SettingsOf(port, subset);
        Assert.Equal(seconds, settings.Connections.ConnectTimeout.TotalSeconds);
        Assert.Equal(retries, settings.Limits.MaxRetries);
        Assert.Equal(balancer, $"{settings.Balancer.Kind}");
        Assert.Equal(isDetecting, settings.Outliers is not null);
        Assert.Equal(proxyProtocol, settings.ProxyProtocol);
    }
}
