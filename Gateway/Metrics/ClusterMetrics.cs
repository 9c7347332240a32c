using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Clusters;
using Gateway.Requests;

namespace Gateway.Metrics;

/// <summary>Envoy's statistics of clusters, with the labels that Istio's proxies give them.</summary>
/// <remarks>
/// https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats; Istio
/// tools/packaging/common/envoy_bootstrap.json (stats_tags).
/// </remarks>
internal sealed class ClusterMetrics
{
    private static readonly (string Name, string Type, Func<Cluster, long> Value)[] Samples =
    [
        ("circuit_breakers_default_cx_open", "gauge", static cluster => cluster.Limits.Connections.IsOpen ? 1 : 0),
        ("circuit_breakers_default_rq_open", "gauge", static cluster => cluster.Limits.Requests.IsOpen ? 1 : 0),
        ("circuit_breakers_default_rq_pending_open", "gauge", static cluster => cluster.Limits.PendingRequests.IsOpen ? 1 : 0),
        ("circuit_breakers_default_rq_retry_open", "gauge", static cluster => cluster.Limits.Retries.IsOpen ? 1 : 0),
        ("membership_healthy", "gauge", static cluster => cluster.Hosts.Count(host => !host.IsEjected)),
        ("membership_total", "gauge", static cluster => cluster.Hosts.Length),
        ("outlier_detection_ejections_active", "gauge", static cluster => cluster.EjectedCount),
        ("outlier_detection_ejections_enforced_total", "counter", static cluster => cluster.Ejections),
        ("outlier_detection_ejections_overflow", "counter", static cluster => cluster.RefusedEjections),
        ("upstream_cx_active", "gauge", static cluster => cluster.Limits.Connections.Count),
        ("upstream_cx_connect_fail", "counter", static cluster => cluster.Hosts.Sum(host => host.ConnectFailures)),
        ("upstream_cx_none_healthy", "counter", static cluster => cluster.Counters.WithoutHost),
        ("upstream_cx_overflow", "counter", static cluster => cluster.Limits.Connections.Overflows),
        ("upstream_rq_active", "gauge", static cluster => cluster.Limits.Requests.Count),
        ("upstream_rq_pending_active", "gauge", static cluster => cluster.Limits.PendingRequests.Count),
        ("upstream_rq_pending_overflow", "counter",
            static cluster => cluster.Limits.PendingRequests.Overflows + cluster.Limits.Requests.Overflows),
        ("upstream_rq_retry", "counter", static cluster => cluster.Counters.Retries),
        ("upstream_rq_retry_limit_exceeded", "counter", static cluster => cluster.Counters.RetriesBeyondLimit),
        ("upstream_rq_retry_overflow", "counter", static cluster => cluster.Limits.Retries.Overflows),
        ("upstream_rq_retry_success", "counter", static cluster => cluster.Counters.RetrySuccesses),
        ("upstream_rq_total", "counter", static cluster => cluster.Hosts.Sum(host => host.TotalRequests)),
    ];

    private readonly ConcurrentDictionary<(string Cluster, int Status), Counter> _responses = new();

    /// <summary>Counts the response of a request that was for a cluster. Allocates only for a status that is new.</summary>
    public void Record(RequestSummary summary)
    {
        if (summary.UpstreamCluster is { } cluster && summary.Status > 0)
        {
            var key = (cluster, summary.Status);
            var counter = _responses.TryGetValue(key, out var known) ? known : _responses.GetOrAdd(key, static _ => new Counter());
            Interlocked.Increment(ref counter.Value);
        }
    }

    /// <summary>Writes the statistics of clusters in Prometheus' text format.</summary>
    public void Write(IReadOnlyCollection<Cluster> clusters, IBufferWriter<byte> output)
    {
        var inOrder = clusters.Select(cluster => (Cluster: cluster, Labels: PrometheusText.Labels(("cluster_name", cluster.ToString()))))
            .OrderBy(entry => entry.Labels, StringComparer.Ordinal).ToArray();
        foreach (var (name, type, value) in inOrder.Length == 0 ? [] : Samples)
        {
            PrometheusText.WriteType(output, $"envoy_cluster_{name}", type);
            foreach (var (cluster, labels) in inOrder)
            {
                PrometheusText.WriteSample(output, $"envoy_cluster_{name}", labels, value(cluster));
            }
        }

        WriteResponses(output);
    }

    private void WriteResponses(IBufferWriter<byte> output)
    {
        const string Name = "envoy_cluster_upstream_rq";
        var responses = _responses.Select(entry => (entry.Key.Cluster, entry.Key.Status, Count: Volatile.Read(ref entry.Value.Value)))
            .OrderBy(entry => entry.Cluster, StringComparer.Ordinal).ThenBy(entry => entry.Status).ToArray();
        if (responses.Length == 0)
        {
            return;
        }

        PrometheusText.WriteType(output, Name, "counter");
        foreach (var entry in responses.GroupBy(entry => (entry.Cluster, Class: entry.Status / 100)))
        {
            PrometheusText.WriteSample(output, Name,
                PrometheusText.Labels(("response_code_class", $"{entry.Key.Class}xx"), ("cluster_name", entry.Key.Cluster)),
                entry.Sum(response => response.Count));
        }

        foreach (var (cluster, status, count) in responses)
        {
            PrometheusText.WriteSample(output, Name,
                PrometheusText.Labels(("response_code", status.ToString(CultureInfo.InvariantCulture)), ("cluster_name", cluster)), count);
        }
    }

    private sealed class Counter
    {
        public long Value;
    }
}
