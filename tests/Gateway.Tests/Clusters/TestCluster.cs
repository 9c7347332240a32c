using System.Collections.Immutable;
using Gateway.Clusters;
using Gateway.Clusters.Balancing;
using Gateway.Clusters.Limits;
using Gateway.Clusters.Outliers;
using Gateway.Registry;
using Istio.Documents;

namespace Gateway.Tests.Clusters;

/// <summary>Clusters and meshes for tests.</summary>
internal static class TestCluster
{
    public static readonly ClusterKey Key = new("ping.default.svc.cluster.local", 8080);

    public const string Ping = "ping.default.svc.cluster.local";

    /// <summary>A Service with an http and a grpc port and two workloads, v1 and v2.</summary>
    public const string PingService = """
        apiVersion: v1
        kind: Service
        metadata: {name: ping, namespace: default}
        spec: {selector: {app: ping}, ports: [{port: 8080, name: http}, {port: 9090, name: grpc}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: a, namespace: default}
        spec: {address: 10.0.0.1, labels: {app: ping, version: v1}}
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: b, namespace: default}
        spec: {address: 10.0.0.2, weight: 3, labels: {app: ping, version: v2}}

        """;

    public static string Rule(string name, string @namespace, string spec, string metadata = "") => $$"""
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: {{name}}, namespace: {{@namespace}}{{metadata}}}
        spec: {{spec}}

        """;

    public static ClusterSettings SettingsOf(this ClusterSet clusters, int port = 8080, string subset = "") =>
        clusters.Find(new ClusterKey(Ping, port, subset))!.Settings;

    public static HostEndpoint Endpoint(string address, int port, int weight = 1) =>
        new(new ServiceEndpoint(address, port), default, weight, new WorkloadKey("default", address));

    /// <summary>Endpoints 10.0.0.1:8080, 10.0.0.2:8080 and so on, with these weights.</summary>
    public static ImmutableArray<HostEndpoint> Endpoints(params int[] weights) =>
        [.. weights.Select((weight, index) => Endpoint($"10.0.0.{index + 1}", 8080, weight))];

    public static ImmutableArray<HostEndpoint> Equal(int count) => Endpoints([.. Enumerable.Repeat(1, count)]);

    public static ClusterSettings Settings(BalancerSettings? balancer = null, OutlierSettings? outliers = null,
        CircuitBreakerLimits? limits = null) => new()
        {
            Protocol = ClusterProtocol.Http1,
            Connections = new ConnectionSettings(TimeSpan.FromSeconds(10), TimeSpan.FromHours(1), 0),
            Limits = limits ?? new CircuitBreakerLimits(),
            Balancer = balancer ?? new BalancerSettings(BalancerKind.RoundRobin),
            Outliers = outliers,
        };

    public static ClusterDefinition Definition(ClusterSettings settings, ImmutableArray<HostEndpoint> hosts) =>
        new(Key, settings, hosts, "");

    public static Cluster Create(
        ImmutableArray<HostEndpoint> hosts, BalancerSettings? balancer = null, OutlierSettings? outliers = null, TimeProvider? time = null,
        int seed = 1, CircuitBreakerLimits? limits = null) =>
        new(Definition(Settings(balancer, outliers, limits), hosts), time ?? TimeProvider.System, new Random(seed));

    /// <summary>Compiles documents for a sidecar in namespace default, or for another client.</summary>
    public static (ClusterSet Clusters, List<Finding> Findings) Compile(string yaml, ClusterClient? client = null,
        TimeProvider? time = null)
    {
        var resources = ResourceReader.ReadText(yaml, "mesh.yaml");
        Assert.DoesNotContain(resources.Findings, finding => finding.Severity == Severity.Error);
        var findings = new List<Finding>();
        var hosts = ServiceHosts.Build(resources, findings);
        var definitions = ClusterCompiler.Compile(resources, hosts, client ?? new ClusterClient("default"), findings);
        var store = new ClusterStore(time ?? TimeProvider.System, new Random(1));
        return (store.Apply(definitions), findings);
    }

    public static UpstreamOutcome Response(int status) => UpstreamOutcome.Response(status);

    public static void Report(this Cluster cluster, UpstreamHost host, UpstreamOutcome outcome, int times)
    {
        for (var time = 0; time < times; time++)
        {
            cluster.Report(host, outcome);
        }
    }

    /// <summary>How often each host is chosen, in the cluster's order.</summary>
    public static int[] Count(this Cluster cluster, int choices, HostChoice choice = default)
    {
        var chosen = cluster.Hosts.ToDictionary(host => host, _ => 0);
        for (var index = 0; index < choices; index++)
        {
            chosen[cluster.Choose(choice)!]++;
        }

        return [.. cluster.Hosts.Select(host => chosen[host])];
    }
}
