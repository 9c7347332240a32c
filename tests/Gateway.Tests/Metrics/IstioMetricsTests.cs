using System.Buffers;
using System.Text;
using Gateway.Metrics;
using Gateway.Requests;
using Gateway.Tests.Support;

namespace Gateway.Tests.Metrics;

/// <summary>Istio's standard metrics in Prometheus' format.</summary>
public sealed class IstioMetricsTests
{
    private static readonly WorkloadIdentity Door = WorkloadIdentity.Of(
        "istio-ingressgateway", "istio-system",
        new Dictionary<string, string> { ["istio"] = "ingressgateway", ["app"] = "istio-ingressgateway" });

    private static readonly WorkloadIdentity Ping = WorkloadIdentity.Of(
        "ping", "default", new Dictionary<string, string> { ["app"] = "ping", ["version"] = "v1" });

    private static readonly Traffic Call = new(Reporter.Source, Door, Ping, "ping.default.svc.cluster.local", "ping");

    private static string[] Lines(IstioMetrics metrics)
    {
        var output = new ArrayBufferWriter<byte>();
        metrics.Write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static RequestSummary Summary(Action<RequestSummary>? change = null)
    {
        var summary = Summaries.Ping();
        summary.Traffic = Call;
        change?.Invoke(summary);
        return summary;
    }

    [Fact]
    public void A_request_is_counted_with_Istios_labels()
    {
        var metrics = new IstioMetrics();
        metrics.Record(Summary());
        metrics.Record(Summary());
        const string Labels =
            "reporter=\"source\",source_workload=\"istio-ingressgateway\",source_canonical_service=\"istio-ingressgateway\","
            + "source_canonical_revision=\"latest\",source_workload_namespace=\"istio-system\",source_principal=\"unknown\","
            + "source_app=\"istio-ingressgateway\",source_version=\"unknown\",source_cluster=\"Kubernetes\",destination_workload=\"ping\","
            + "destination_workload_namespace=\"default\",destination_principal=\"unknown\",destination_app=\"ping\",destination_version=\"v1\","
            + "destination_service=\"ping.default.svc.cluster.local\",destination_canonical_service=\"ping\",destination_canonical_revision=\"v1\","
            + "destination_service_name=\"ping\",destination_service_namespace=\"default\",destination_cluster=\"Kubernetes\","
            + "request_protocol=\"http\",response_code=\"200\",grpc_response_status=\"\",response_flags=\"-\",connection_security_policy=\"unknown\"";
        var lines = Lines(metrics);
        Assert.Equal("# TYPE istio_requests_total counter", lines[0]);
        Assert.Equal($"istio_requests_total{{{Labels}}} 2", lines[1]);
        Assert.Contains($"istio_request_bytes_sum{{{Labels}}} 300", lines);
        Assert.Contains($"istio_request_bytes_count{{{Labels}}} 2", lines);
        Assert.Contains($"istio_request_duration_milliseconds_bucket{{{Labels},le=\"1\"}} 0", lines);
        Assert.Contains($"istio_request_duration_milliseconds_bucket{{{Labels},le=\"5\"}} 2", lines);
        Assert.Contains($"istio_request_duration_milliseconds_bucket{{{Labels},le=\"+Inf\"}} 2", lines);
        Assert.Contains($"istio_response_bytes_bucket{{{Labels},le=\"100\"}} 0", lines);
        Assert.Contains($"istio_response_bytes_bucket{{{Labels},le=\"250\"}} 2", lines);
        Assert.Contains("# TYPE istio_request_duration_milliseconds histogram", lines);
    }

    [Fact]
    public void Messages_have_the_labels_of_the_two_sides_only()
    {
        var metrics = new IstioMetrics();
        metrics.MessagesOf(Call).Add(2, 3);
        metrics.MessagesOf(Call with { Destination = Ping with { } }).Add(1, 0);
        var lines = Lines(metrics);
        Assert.Equal("# TYPE istio_request_messages_total counter", lines[0]);
        Assert.StartsWith("istio_request_messages_total{reporter=\"source\",source_workload=\"istio-ingressgateway\"", lines[1],
            StringComparison.Ordinal);
        Assert.EndsWith(",destination_service_namespace=\"default\",destination_cluster=\"Kubernetes\"} 3", lines[1], StringComparison.Ordinal);
        Assert.Equal("# TYPE istio_response_messages_total counter", lines[2]);
        Assert.EndsWith(",destination_service_namespace=\"default\",destination_cluster=\"Kubernetes\"} 3", lines[3], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public void Without_requests_there_are_no_metrics() => Assert.Empty(Lines(new IstioMetrics()));

    [Fact]
    public void Status_flags_and_gRPC_status_are_labels()
    {
        var metrics = new IstioMetrics();
        metrics.Record(Summary(summary => (summary.Status, summary.Flags) = (503, ResponseFlags.UF | ResponseFlags.URX)));
        metrics.Record(Summary(summary => (summary.IsGrpc, summary.GrpcStatus) = (true, 14)));
        metrics.Record(Summary(summary => summary.IsGrpc = true));
        var lines = string.Join('\n', Lines(metrics).Where(line => line.StartsWith("istio_requests_total", StringComparison.Ordinal)));
        Assert.Contains("request_protocol=\"http\",response_code=\"503\",grpc_response_status=\"\",response_flags=\"UF,URX\"", lines,
            StringComparison.Ordinal);
        Assert.Contains("request_protocol=\"grpc\",response_code=\"200\",grpc_response_status=\"14\",response_flags=\"-\"", lines,
            StringComparison.Ordinal);
        Assert.Contains("request_protocol=\"grpc\",response_code=\"200\",grpc_response_status=\"\",response_flags=\"-\"", lines,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_to_nowhere_has_the_authority_for_its_service()
    {
        var metrics = new IstioMetrics();
        metrics.Record(
            Summary(summary => summary.Traffic = new Traffic(Reporter.Source, Door, null, "nowhere.example", "nowhere.example")));
        Assert.Contains("destination_workload=\"unknown\",destination_workload_namespace=\"unknown\",destination_principal=\"unknown\"," +
            "destination_app=\"unknown\",destination_version=\"unknown\",destination_service=\"nowhere.example\"," +
            "destination_canonical_service=\"unknown\",destination_canonical_revision=\"latest\",destination_service_name=\"nowhere.example\"",
            Lines(metrics)[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_callee_counts_as_destination()
    {
        var metrics = new IstioMetrics();
        metrics.Record(Summary(summary => summary.Traffic = Call with { Reporter = Reporter.Destination, Source = null }));
        Assert.StartsWith("istio_requests_total{reporter=\"destination\",source_workload=\"unknown\"", Lines(metrics)[1],
            StringComparison.Ordinal);
        Assert.Contains("connection_security_policy=\"none\"", Lines(metrics)[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_reload_continues_the_same_series()
    {
        var metrics = new IstioMetrics();
        metrics.Record(Summary());
        metrics.Record(Summary(summary => summary.Traffic = Call with { Destination = Ping with { } }));
        Assert.EndsWith(" 2", Lines(metrics)[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\"b", "a\\\"b")]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("a\nb", "a\\nb")]
    public void Label_values_are_escaped(string value, string written) =>
        Assert.Equal($"x=\"{written}\"", PrometheusText.Labels(("x", value)));

    [Theory]
    [InlineData("app: ping", "ping", "latest")]
    [InlineData("app: ping, version: v2", "ping", "v2")]
    [InlineData("app.kubernetes.io/name: a, app: b, app.kubernetes.io/version: v3, version: v2", "a", "v3")]
    [InlineData("service.istio.io/canonical-name: c, app: b, service.istio.io/canonical-revision: r", "c", "r")]
    [InlineData("", "workload", "latest")]
    public void Canonical_names_come_from_labels(string labels, string service, string revision)
    {
        var identity = WorkloadIdentity.Of("workload", "default", labels.Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .Select(label => label.Split(": ")).ToDictionary(label => label[0], label => label[1]));
        Assert.Equal((service, revision), (identity.CanonicalService, identity.CanonicalRevision));
    }

    [Fact]
    public void Counting_costs_no_memory()
    {
        var metrics = new IstioMetrics();
        var summary = Summary();
        Assert.Equal(0, Allocations.Of(() => metrics.Record(summary)));
    }

    [Fact]
    public void Many_threads_count_right()
    {
        var metrics = new IstioMetrics();
        Parallel.For(0, 8, _ =>
        {
            var summary = Summary();
            for (var i = 0; i < 1000; i++)
            {
                metrics.Record(summary);
            }
        });
        Assert.EndsWith(" 8000", Lines(metrics)[1], StringComparison.Ordinal);
    }
}
