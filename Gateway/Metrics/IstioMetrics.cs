using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Gateway.Requests;

namespace Gateway.Metrics;

/// <summary>Istio's standard metrics for HTTP and gRPC, counted when a request is over.</summary>
/// <remarks>
/// https://istio.io/latest/docs/reference/config/metrics/, istio/proxy source/extensions/filters/http/istio_stats/istio_stats.cc.
/// Principals and the cluster's name do not exist on a laptop.
/// </remarks>
internal sealed class IstioMetrics
{
    private const string Unknown = "unknown";

    private static readonly Traffic Nobody = new(Reporter.Source, null, null, "", "");

    private readonly ConcurrentDictionary<SeriesKey, Series> _series = new();
    private readonly ConcurrentDictionary<Traffic, MessageCounts> _messages = new();

    /// <summary>Counts a request. Allocates only for a combination of labels that is new.</summary>
    public void Record(RequestSummary summary) => Record(
        new SeriesKey(
            summary.Traffic ?? Nobody, summary.IsGrpc, summary.Status, GrpcStatusOf(summary.IsGrpc, summary.GrpcStatus), summary.Flags),
        new Measures(summary.WireBytesReceived, summary.Duration, summary.WireBytesSent));

    /// <summary>Counts an attempt where it arrives.</summary>
    /// <param name="traffic">Who calls whom.</param>
    /// <param name="status">The status.</param>
    /// <param name="grpcStatus">The status of a gRPC call; null for none.</param>
    /// <param name="isGrpc">Whether it is a gRPC call.</param>
    /// <param name="flags">The response flags.</param>
    /// <param name="measures">Sizes and time.</param>
    public void Record(Traffic traffic, int status, int? grpcStatus, bool isGrpc, ResponseFlags flags, in Measures measures) =>
        Record(new SeriesKey(traffic, isGrpc, status, GrpcStatusOf(isGrpc, grpcStatus), flags), measures);

    /// <summary>Where gRPC messages are counted; unlike calls, without their outcome, which is not known while they pass.</summary>
    /// <param name="traffic">Who calls whom; null when that is not known.</param>
    public MessageCounts MessagesOf(Traffic? traffic) =>
        _messages.GetOrAdd(traffic ?? Nobody, static traffic => new MessageCounts(PrometheusText.Labels(PeersOf(traffic))));

    /// <summary>Writes all metrics in Prometheus' text format.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var messages = _messages.Values.OrderBy(counts => counts.Labels, StringComparer.Ordinal).ToArray();
        Write(output, "istio_request_messages_total", messages, static counts => (counts.Labels, counts.Requests));
        Write(output, "istio_response_messages_total", messages, static counts => (counts.Labels, counts.Responses));
        var all = _series.Values.OrderBy(series => series.Labels, StringComparer.Ordinal).ToArray();
        if (all.Length == 0)
        {
            return;
        }

        Write(output, "istio_requests_total", all, static series => (series.Labels, series.Requests));
        Write(output, "istio_request_bytes", all, static series => series.RequestBytes);
        Write(output, "istio_request_duration_milliseconds", all, static series => series.Duration);
        Write(output, "istio_response_bytes", all, static series => series.ResponseBytes);
    }

    private void Record(SeriesKey key, in Measures measures)
    {
        if (!_series.TryGetValue(key, out var series))
        {
            series = _series.GetOrAdd(key, static key => new Series(LabelsOf(key)));
        }

        series.Record(measures);
    }

    private static int GrpcStatusOf(bool isGrpc, int? status) => isGrpc ? status ?? -1 : -1;

    private static void Write<T>(IBufferWriter<byte> output, string name, T[] all, Func<T, (string Labels, long Count)> counter)
    {
        if (all.Length > 0)
        {
            PrometheusText.WriteType(output, name, "counter");
        }

        foreach (var (labels, count) in all.Select(counter))
        {
            PrometheusText.WriteSample(output, name, labels, count);
        }
    }

    private static void Write(IBufferWriter<byte> output, string name, Series[] all, Func<Series, Histogram> histogram)
    {
        PrometheusText.WriteType(output, name, "histogram");
        foreach (var series in all)
        {
            histogram(series).Write(output, name, series.Labels);
        }
    }

    private static string LabelsOf(SeriesKey key)
    {
        var (traffic, isGrpc, status, grpcStatus, flags) = key;
        return PrometheusText.Labels(
        [
            .. PeersOf(traffic),
            ("request_protocol", isGrpc ? "grpc" : "http"),
            ("response_code", status.ToString(CultureInfo.InvariantCulture)),
            ("grpc_response_status", grpcStatus < 0 ? "" : grpcStatus.ToString(CultureInfo.InvariantCulture)),
            ("response_flags", flags.ToText()),
            // The caller's proxy does not know; the callee's sees plaintext.
            ("connection_security_policy", traffic.Reporter == Reporter.Source ? Unknown : "none"),
        ]);
    }

    private static (string Name, string Value)[] PeersOf(Traffic traffic)
    {
        var (source, destination) = (traffic.Source, traffic.Destination);
        return
        [
            ("reporter", traffic.Reporter == Reporter.Source ? "source" : "destination"),
            ("source_workload", Or(source?.Name)),
            ("source_canonical_service", Or(source?.CanonicalService)),
            ("source_canonical_revision", source?.CanonicalRevision ?? "latest"),
            ("source_workload_namespace", Or(source?.Namespace)),
            ("source_principal", Unknown),
            ("source_app", Or(source?.App)),
            ("source_version", Or(source?.Version)),
            ("source_cluster", source is null ? Unknown : "Kubernetes"),
            ("destination_workload", Or(destination?.Name)),
            ("destination_workload_namespace", Or(destination?.Namespace)),
            ("destination_principal", Unknown),
            ("destination_app", Or(destination?.App)),
            ("destination_version", Or(destination?.Version)),
            ("destination_service", Or(traffic.ServiceHost)),
            ("destination_canonical_service", Or(destination?.CanonicalService)),
            ("destination_canonical_revision", destination?.CanonicalRevision ?? "latest"),
            ("destination_service_name", Or(traffic.ServiceName)),
            ("destination_service_namespace", Or(destination?.Namespace)),
            ("destination_cluster", destination is null ? Unknown : "Kubernetes"),
        ];
    }

    private static string Or(string? value) => string.IsNullOrEmpty(value) ? Unknown : value;

    private readonly record struct SeriesKey(Traffic Traffic, bool IsGrpc, int Status, int GrpcStatus, ResponseFlags Flags);

    private sealed class Series(string labels)
    {
        private long _requests;

        public string Labels { get; } = labels;

        public long Requests => Volatile.Read(ref _requests);

        public Histogram RequestBytes { get; } = new();

        public Histogram Duration { get; } = new();

        public Histogram ResponseBytes { get; } = new();

        public void Record(in Measures measures)
        {
            Interlocked.Increment(ref _requests);
            RequestBytes.Record(measures.Received);
            Duration.Record((long)measures.Duration.TotalMilliseconds);
            ResponseBytes.Record(measures.Sent);
        }
    }
}

/// <summary>What is measured of a request.</summary>
/// <param name="Received">Bytes of the request.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Sent">Bytes of the response.</param>
internal readonly record struct Measures(long Received, TimeSpan Duration, long Sent);
