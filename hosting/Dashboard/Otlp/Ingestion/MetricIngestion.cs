using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;
using Google.Protobuf.Collections;
using SeriesFinder = System.Func<
    Dashboard.Telemetry.Metrics.Instrument,
    Dashboard.Telemetry.AttributeList,
    Dashboard.Telemetry.Metrics.MetricSeries?>;

namespace Dashboard.Otlp.Ingestion;

/// <summary>Takes in metrics.</summary>
internal sealed class MetricIngestion(OtlpReader reader)
{
    private const int Cumulative = 2; // AGGREGATION_TEMPORALITY_CUMULATIVE
    private const uint NoRecordedValue = 1; // DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK

    /// <summary>Takes in an export.</summary>
    public ExportMetricsServiceResponse Export(ExportMetricsServiceRequest request)
    {
        var result = new ExportResult();
        foreach (var group in request.ResourceMetrics)
        {
            var points = group.ScopeMetrics.Sum(static scope => scope.Metrics.Sum(static metric => (long)PointsOf(metric)));
            if (reader.ResourceOf(group.Resource, points, result) is { } resource)
            {
                reader.Store.Metrics.Add(resource, find => Read(group, resource, find, result));
            }
        }

        var response = new ExportMetricsServiceResponse();
        if (result.Rejected > 0)
        {
            response.PartialSuccess = new() { RejectedDataPoints = result.Rejected, ErrorMessage = result.Message };
        }

        return response;
    }

    private void Read(ResourceMetrics group, TelemetryResource resource, SeriesFinder find, ExportResult result)
    {
        foreach (var scope in group.ScopeMetrics)
        {
            var name = reader.Name(scope.Scope?.Name ?? "");
            foreach (var metric in scope.Metrics)
            {
                if (metric.Name.Length == 0 || KindOf(metric) is not { } kind)
                {
                    result.Reject($"A metric of '{resource.Id}' has no name or no data.", Math.Max(1, PointsOf(metric)));
                    continue;
                }

                var instrument = new Instrument(
                    resource, name, reader.Name(metric.Name), reader.Name(metric.Description), reader.Name(metric.Unit), kind);
                Read(metric, (attributes, add) =>
                {
                    if (find(instrument, reader.Attributes(attributes)) is { } series)
                    {
                        add(series);
                    }
                    else
                    {
                        result.Reject(
                            $"'{resource.Id}' has {reader.Store.Limits.Series} series already, or all resources together {reader.Store.Limits.TotalSeries}; "
                            + $"'{metric.Name}' has no room for more.");
                    }
                },
                reason => result.Reject($"Metric '{metric.Name}' of '{resource.Id}': {reason}"));
            }
        }
    }

    private static void Read(Metric metric, Action<RepeatedField<KeyValue>, Action<MetricSeries>> add, Action<string> reject)
    {
        switch (metric.DataCase)
        {
            case Metric.DataOneofCase.Gauge:
                ReadNumbers(metric.Gauge.DataPoints, add, static (series, point) => series.AddGauge(TimeOf(point), ValueOf(point)));
                break;
            case Metric.DataOneofCase.Sum when metric.Sum.IsMonotonic:
                var isCumulative = metric.Sum.AggregationTemporality == Cumulative;
                ReadNumbers(metric.Sum.DataPoints, add, (series, point) => series.AddSum(
                    UnixTime.FromMessage(point.StartTimeUnixNano), TimeOf(point), ValueOf(point), isCumulative));
                break;
            case Metric.DataOneofCase.Sum:
                ReadNumbers(metric.Sum.DataPoints, add, static (series, point) => series.AddGauge(TimeOf(point), ValueOf(point)));
                break;
            case Metric.DataOneofCase.Histogram:
                ReadHistogram(metric.Histogram, add, reject);
                break;
            case Metric.DataOneofCase.ExponentialHistogram:
                ReadExponentialHistogram(metric.ExponentialHistogram, add, reject);
                break;
            default:
                ReadSummary(metric.Summary, add);
                break;
        }
    }

    private static void ReadNumbers(
        RepeatedField<NumberDataPoint> points,
        Action<RepeatedField<KeyValue>, Action<MetricSeries>> add,
        Action<MetricSeries, NumberDataPoint> read)
    {
        foreach (var point in points.Where(static each => (each.Flags & NoRecordedValue) == 0))
        {
            add(point.Attributes, series =>
            {
                read(series, point);
                AddExemplars(series, point.Exemplars);
            });
        }
    }

    private static void ReadHistogram(
        Histogram histogram, Action<RepeatedField<KeyValue>, Action<MetricSeries>> add, Action<string> reject)
    {
        foreach (var point in histogram.DataPoints.Where(static each => (each.Flags & NoRecordedValue) == 0))
        {
            if (point.BucketCounts.Count > 0 && point.BucketCounts.Count != point.ExplicitBounds.Count + 1)
            {
                reject("a histogram has one bucket more than bounds.");
                continue;
            }

            ulong[] counts = point.BucketCounts.Count == 0 ? [point.Count] : [.. point.BucketCounts];
            double[] bounds = point.BucketCounts.Count == 0 ? [] : [.. point.ExplicitBounds];
            add(point.Attributes, series =>
            {
                series.AddHistogram(
                    UnixTime.FromMessage(point.StartTimeUnixNano),
                    UnixTime.FromMessage(point.TimeUnixNano),
                    bounds,
                    counts,
                    point.Sum,
                    histogram.AggregationTemporality == Cumulative);
                AddExemplars(series, point.Exemplars);
            });
        }
    }

    private static void ReadExponentialHistogram(
        ExponentialHistogram histogram, Action<RepeatedField<KeyValue>, Action<MetricSeries>> add, Action<string> reject)
    {
        foreach (var point in histogram.DataPoints.Where(static each => (each.Flags & NoRecordedValue) == 0))
        {
            if (ExponentialBuckets.Read(point) is not { } buckets)
            {
                reject("an exponential histogram has too many buckets.");
                continue;
            }

            add(point.Attributes, series =>
            {
                series.AddHistogram(
                    UnixTime.FromMessage(point.StartTimeUnixNano),
                    UnixTime.FromMessage(point.TimeUnixNano),
                    buckets.Bounds,
                    buckets.Counts,
                    point.Sum,
                    histogram.AggregationTemporality == Cumulative);
                AddExemplars(series, point.Exemplars);
            });
        }
    }

    // A summary's quantiles cannot be added up over replicas; what can is how many measurements there were.
    private static void ReadSummary(Summary summary, Action<RepeatedField<KeyValue>, Action<MetricSeries>> add)
    {
        foreach (var point in summary.DataPoints.Where(static each => (each.Flags & NoRecordedValue) == 0))
        {
            add(point.Attributes, series => series.AddSum(
                UnixTime.FromMessage(point.StartTimeUnixNano), UnixTime.FromMessage(point.TimeUnixNano), point.Count, isCumulative: true));
        }
    }

    private static void AddExemplars(MetricSeries series, RepeatedField<Exemplar> exemplars)
    {
        foreach (var exemplar in exemplars)
        {
            if (TraceId.TryRead(exemplar.TraceId.Span, out var trace) && SpanId.TryRead(exemplar.SpanId.Span, out var span))
            {
                var value = exemplar.ValueCase == Exemplar.ValueOneofCase.AsInt ? exemplar.AsInt : exemplar.AsDouble;
                series.AddExemplar(new ExemplarPoint(UnixTime.FromMessage(exemplar.TimeUnixNano), value, trace, span));
            }
        }
    }

    private static long TimeOf(NumberDataPoint point) => UnixTime.FromMessage(point.TimeUnixNano);

    private static double ValueOf(NumberDataPoint point) =>
        point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;

    private static InstrumentKind? KindOf(Metric metric) => metric.DataCase switch
    {
        Metric.DataOneofCase.Gauge => InstrumentKind.Gauge,
        Metric.DataOneofCase.Sum => metric.Sum.IsMonotonic ? InstrumentKind.Counter : InstrumentKind.Gauge,
        Metric.DataOneofCase.Histogram or Metric.DataOneofCase.ExponentialHistogram => InstrumentKind.Histogram,
        Metric.DataOneofCase.Summary => InstrumentKind.Counter,
        _ => null,
    };

    private static int PointsOf(Metric metric) => metric.DataCase switch
    {
        Metric.DataOneofCase.Gauge => metric.Gauge.DataPoints.Count,
        Metric.DataOneofCase.Sum => metric.Sum.DataPoints.Count,
        Metric.DataOneofCase.Histogram => metric.Histogram.DataPoints.Count,
        Metric.DataOneofCase.ExponentialHistogram => metric.ExponentialHistogram.DataPoints.Count,
        Metric.DataOneofCase.Summary => metric.Summary.DataPoints.Count,
        _ => 0,
    };
}
