using System.Buffers;
using System.Text;
using Gateway.Clusters;
using Gateway.Clusters.Limits;
using Gateway.Clusters.Outliers;
using Gateway.Metrics;
using Gateway.Tests.Clusters;
using Gateway.Tests.Support;

namespace Gateway.Tests.Metrics;

/// <summary>Envoy's statistics of clusters in Prometheus' format.</summary>
public sealed class ClusterMetricsTests
{
    private const string Labels = "{cluster_name=\"outbound|8080||ping.default.svc.cluster.local\"}";

    private static string[] Lines(ClusterMetrics metrics, params Cluster[] clusters)
    {
        var output = new ArrayBufferWriter<byte>();
        metrics.Write(clusters, output);
        return Encoding.UTF8.GetString(output.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void A_new_cluster_has_its_members_and_nothing_else()
    {
        using var cluster = TestCluster.Create(TestCluster.Equal(3));
        var lines = Lines(new ClusterMetrics(), cluster);
        Assert.Contains("# TYPE envoy_cluster_membership_total gauge", lines);
        Assert.Contains("# TYPE envoy_cluster_upstream_rq_total counter", lines);
        Assert.All(lines.Where(line => line[0] != '#'), line => Assert.EndsWith(
            line.Contains("_membership_", StringComparison.Ordinal) ? $"{Labels} 3" : $"{Labels} 0", line, StringComparison.Ordinal));
    }

    [Fact]
    public void An_ejected_host_is_counted()
    {
        using var cluster = TestCluster.Create(TestCluster.Equal(2), outliers: new OutlierSettings { MaxEjectionPercent = 50 });
        foreach (var host in cluster.Hosts)
        {
            cluster.Report(host, TestCluster.Response(503), 5);
        }

        var lines = Lines(new ClusterMetrics(), cluster);
        Assert.Contains($"envoy_cluster_membership_healthy{Labels} 1", lines);
        Assert.Contains($"envoy_cluster_outlier_detection_ejections_active{Labels} 1", lines);
        Assert.Contains($"envoy_cluster_outlier_detection_ejections_enforced_total{Labels} 1", lines);
        Assert.Contains($"envoy_cluster_outlier_detection_ejections_overflow{Labels} 1", lines);
    }

    [Fact]
    public void An_open_breaker_shows_and_what_it_refused()
    {
        using var cluster = TestCluster.Create(TestCluster.Equal(1), limits: new CircuitBreakerLimits { MaxRequests = 1 });
        Assert.True(cluster.Limits.TryEnterRequest());
        Assert.False(cluster.Limits.TryEnterRequest());
        var lines = Lines(new ClusterMetrics(), cluster);
        Assert.Contains($"envoy_cluster_circuit_breakers_default_rq_open{Labels} 1", lines);
        Assert.Contains($"envoy_cluster_upstream_rq_active{Labels} 1", lines);
        Assert.Contains($"envoy_cluster_upstream_rq_pending_overflow{Labels} 1", lines);
    }

    [Fact]
    public void Responses_are_counted_by_status_and_by_class()
    {
        var metrics = new ClusterMetrics();
        foreach (var status in (int[])[200, 204, 200, 503])
        {
            var summary = Summaries.Ping();
            summary.Status = status;
            metrics.Record(summary);
        }

        const string Cluster = "cluster_name=\"outbound|8080||ping.default.svc.cluster.local\"}";
        Assert.Equal(
            [
                "# TYPE envoy_cluster_upstream_rq counter",
                $"envoy_cluster_upstream_rq{{response_code_class=\"2xx\",{Cluster} 3",
                $"envoy_cluster_upstream_rq{{response_code_class=\"5xx\",{Cluster} 1",
                $"envoy_cluster_upstream_rq{{response_code=\"200\",{Cluster} 2",
                $"envoy_cluster_upstream_rq{{response_code=\"204\",{Cluster} 1",
                $"envoy_cluster_upstream_rq{{response_code=\"503\",{Cluster} 1",
            ],
            Lines(metrics));
    }

    [Fact]
    public void Requests_without_a_cluster_or_a_response_are_not_counted()
    {
        var metrics = new ClusterMetrics();
        var (nowhere, silent) = (Summaries.Ping(), Summaries.Ping());
        (nowhere.UpstreamCluster, silent.Status) = (null, 0);
        metrics.Record(nowhere);
        metrics.Record(silent);
        Assert.Empty(Lines(metrics));
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var metrics = new ClusterMetrics();
        var summary = Summaries.Ping();
        Assert.Equal(0, Allocations.Of(() => metrics.Record(summary)));
    }
}
