using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;

namespace Gateway.Metrics;

/// <summary>A histogram with the buckets of Envoy's Prometheus output.</summary>
/// <remarks>Envoy source/common/stats/histogram_impl.cc (HistogramSettingsImpl::defaultBuckets)</remarks>
internal sealed class Histogram
{
    private static readonly ImmutableArray<double> Bounds =
    [
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000,
    ];

    private static readonly ImmutableArray<string> BoundTexts =
        [.. Bounds.Select(bound => bound.ToString(CultureInfo.InvariantCulture)), "+Inf"];

    private readonly long[] _counts = new long[Bounds.Length + 1];
    private long _sum;

    /// <summary>Counts a value.</summary>
    public void Record(long value)
    {
        var bucket = Bounds.Length;
        for (var i = 0; i < Bounds.Length; i++)
        {
            if (value <= Bounds[i])
            {
                bucket = i;
                break;
            }
        }

        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _sum, value);
    }

    /// <summary>Writes the samples of its buckets, its sum and its count.</summary>
    public void Write(IBufferWriter<byte> output, string name, string labels)
    {
        var count = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            count += Volatile.Read(ref _counts[i]);
            PrometheusText.WriteSample(output, $"{name}_bucket", $"{labels},le=\"{BoundTexts[i]}\"", count);
        }

        PrometheusText.WriteSample(output, $"{name}_sum", labels, Volatile.Read(ref _sum));
        PrometheusText.WriteSample(output, $"{name}_count", labels, count);
    }
}
