using System.Buffers.Binary;
using Dashboard.Otlp.Messages;
using Google.Protobuf;

namespace Dashboard.Tests.Support;

/// <summary>Exports that are as large and as varied as limits have to bear: no text comes twice.</summary>
internal static class Flood
{
    private const int Records = 1_000;
    private static readonly string Filler = new('x', 300);

    /// <summary>Spans, each of a trace of its own.</summary>
    public static byte[] Spans(int round, int resource)
    {
        var scope = new ScopeSpans { Scope = new() { Name = "flood" } };
        for (var i = 0; i < Records; i++)
        {
            var (trace, span) = (new byte[16], new byte[8]);
            BinaryPrimitives.WriteInt64BigEndian(trace, (((round * 1_000L) + resource) * 100_000) + i + 1);
            BinaryPrimitives.WriteInt64BigEndian(span, i + 1);
            var message = new Span
            {
                TraceId = ByteString.CopyFrom(trace),
                SpanId = ByteString.CopyFrom(span),
                Name = $"GET /{round}/{i}",
                Kind = 2,
                StartTimeUnixNano = Now,
                EndTimeUnixNano = Now + 1_000_000,
            };
            message.Attributes.Add(Unique(round, i));
            scope.Spans.Add(message);
        }

        var group = new ResourceSpans { Resource = Of(resource) };
        group.ScopeSpans.Add(scope);
        var request = new ExportTraceServiceRequest();
        request.ResourceSpans.Add(group);
        return request.ToByteArray();
    }

    /// <summary>Log records.</summary>
    public static byte[] Logs(int round, int resource)
    {
        var scope = new ScopeLogs { Scope = new() { Name = "flood" } };
        for (var i = 0; i < Records; i++)
        {
            var message = new LogRecord { TimeUnixNano = Now, SeverityNumber = 9, Body = new AnyValue { StringValue = $"{round}/{i} {Filler}" } };
            message.Attributes.Add(Unique(round, i));
            scope.LogRecords.Add(message);
        }

        var group = new ResourceLogs { Resource = Of(resource) };
        group.ScopeLogs.Add(scope);
        var request = new ExportLogsServiceRequest();
        request.ResourceLogs.Add(group);
        return request.ToByteArray();
    }

    /// <summary>Points of as many histograms as there may be, and of some more.</summary>
    public static byte[] Metrics(int resource)
    {
        var histogram = new Histogram { AggregationTemporality = 1 };
        for (var i = 0; i < Records * 2; i++)
        {
            var point = new HistogramDataPoint { TimeUnixNano = Now + (ulong)i, Count = 15, Sum = 1 };
            point.ExplicitBounds.Add([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);
            point.BucketCounts.Add(Enumerable.Repeat(1UL, 15));
            point.Attributes.Add(new KeyValue { Key = "http.route", Value = new AnyValue { StringValue = $"/{i % 300}" } });
            histogram.DataPoints.Add(point);
        }

        var scope = new ScopeMetrics { Scope = new() { Name = "flood" } };
        scope.Metrics.Add(new Metric { Name = "flood.duration", Unit = "s", Histogram = histogram });
        var group = new ResourceMetrics { Resource = Of(resource) };
        group.ScopeMetrics.Add(scope);
        var request = new ExportMetricsServiceRequest();
        request.ResourceMetrics.Add(group);
        return request.ToByteArray();
    }

    private static ulong Now => (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;

    private static Resource Of(int number)
    {
        var resource = new Resource();
        resource.Attributes.Add(new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = $"flood-{number}" } });
        return resource;
    }

    private static IEnumerable<KeyValue> Unique(int round, int number) => Enumerable.Range(0, 4).Select(i =>
        new KeyValue { Key = $"key-{i}", Value = new AnyValue { StringValue = $"{round}/{number}/{i} {Filler}" } });
}
