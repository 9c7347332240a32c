using Gateway.Clusters;
using Gateway.Clusters.Balancing;
using Gateway.Clusters.Outliers;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Clusters.TestCluster;

namespace Gateway.Tests.Clusters;

/// <summary>What survives a reload.</summary>
public sealed class ClusterStoreTests
{
    private readonly FakeTimeProvider _time = new();

    private static readonly ClusterSettings Detecting = Settings(outliers: new OutlierSettings
    {
        MaxEjectionPercent = 100,
        ErrorCodes = [500]
    });

    [Fact]
    public void A_cluster_with_equal_settings_goes_on_with_its_state()
    {
        using var store = new ClusterStore(_time, new Random(1));
        var before = store.Apply([Definition(Detecting, Equal(3))]).Find(Key)!;
        before.Report(before.Hosts[0], Response(500), 5);
        before.Hosts[1].BeginRequest();
        before.Limits.TryEnterRequest();

        // The same values from another reading of the documents.
        var settings = Detecting with { Outliers = Detecting.Outliers! with { ErrorCodes = [500] } };
        var after = store.Apply([Definition(settings, Equal(4))]).Find(Key)!;
        Assert.Same(before, after);
        Assert.True(after.Hosts[0].IsEjected);
        Assert.Equal(1, after.Hosts[1].ActiveRequests);
        Assert.Equal(1, after.Limits.Requests.Count);
        Assert.Equal(4, after.Hosts.Length);
    }

    [Fact]
    public void Changed_settings_make_another_cluster_as_they_do_in_Envoy()
    {
        using var store = new ClusterStore(_time, new Random(1));
        var before = store.Apply([Definition(Detecting, Equal(3))]).Find(Key)!;
        before.Report(before.Hosts[0], Response(500), 5);
        var after = store.Apply([Definition(Detecting with { Balancer = new(BalancerKind.Random) }, Equal(3))]).Find(Key)!;
        Assert.NotSame(before, after);
        Assert.False(after.Hosts[0].IsEjected);

        // Requests that began with the old one end with it; it does nothing by itself any more.
        Assert.NotNull(before.Choose(default));
        before.Report(before.Hosts[1], Response(500), 5);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(before.Hosts[0].IsEjected);
        Assert.False(after.Hosts[1].IsEjected);
    }

    [Fact]
    public void Weights_and_labels_change_without_a_loss_of_state()
    {
        using var store = new ClusterStore(_time, new Random(1));
        var cluster = store.Apply([Definition(Detecting, Endpoints(1, 1))]).Find(Key)!;
        var host = cluster.Hosts[0];
        host.BeginRequest();
        store.Apply([Definition(Detecting, Endpoints(3, 1))]);
        Assert.Same(host, cluster.Hosts[0]);
        Assert.Equal((3, 1), (host.Weight, host.ActiveRequests));
        Assert.InRange(cluster.Count(400)[0], 299, 301);
    }

    [Fact]
    public void A_cluster_that_is_gone_is_found_no_more_but_by_those_who_hold_it()
    {
        using var store = new ClusterStore(_time, new Random(1));
        var set = store.Apply([Definition(Detecting, Equal(1))]);
        var next = store.Apply([]);
        Assert.Null(next.Find(Key));
        Assert.NotNull(set.Find(Key)!.Choose(default));
    }

    [Fact]
    public void Disposal_ends_the_timers_of_all()
    {
        var store = new ClusterStore(_time, new Random(1));
        var cluster = store.Apply([Definition(Detecting, Equal(3))]).Find(Key)!;
        cluster.Report(cluster.Hosts[0], Response(500), 5);
        store.Dispose();
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(cluster.Hosts[0].IsEjected);
    }

    [Fact]
    public void Compiling_the_same_documents_twice_gives_equal_settings()
    {
        const string Yaml = """
            apiVersion: v1
            kind: Service
            metadata: {name: ping}
            spec: {ports: [{port: 8080, name: http}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: ping}
            spec:
              host: ping
              trafficPolicy:
                loadBalancer: {consistentHash: {httpCookie: {name: u, ttl: 1s, attributes: [{name: a, value: b}]}}, warmup: {duration: 1s}}
                connectionPool: {tcp: {tcpKeepalive: {time: 1s}}, http: {http2KeepAlive: {interval: 1s}}}
                outlierDetection: {outlierDetectionHttpErrorCodes: [429]}
                tls: {mode: SIMPLE, subjectAltNames: [a, b]}
                tunnel: {targetHost: a, targetPort: 1}
                retryBudget: {percent: 1}
                proxyProtocol: {}
            """;
        var one = Assert.Single(Compile(Yaml).Clusters.All);
        var other = Assert.Single(Compile(Yaml).Clusters.All);
        Assert.Equal(one.Settings, other.Settings);
        Assert.Equal(one.Settings.GetHashCode(), other.Settings.GetHashCode());
        one.Dispose();
        other.Dispose();
    }
}
