using Dashboard.Otlp.Messages;

namespace Dashboard.Otlp.Ingestion;

/// <summary>
/// Turns an exponential histogram into one with explicit bounds, on which the rest works: bucket i covers (base^i, base^(i+1)], where base
/// is 2^(2^-scale). https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
/// </summary>
internal static class ExponentialBuckets
{
    private const int MaxBuckets = 320;

    /// <summary>Bounds and counts, from the lowest bucket; null when there are more buckets than any exporter makes.</summary>
    public static (double[] Bounds, ulong[] Counts)? Read(ExponentialHistogramDataPoint point)
    {
        var negative = point.Negative?.BucketCounts;
        var positive = point.Positive?.BucketCounts;
        if ((negative?.Count ?? 0) > MaxBuckets || (positive?.Count ?? 0) > MaxBuckets)
        {
            return null;
        }

        var bounds = new List<double>();
        var counts = new List<ulong>();
        for (var i = (negative?.Count ?? 0) - 1; i >= 0; i--)
        {
            // The mirror image: the upper bound of a negative bucket is the lower one of its positive twin.
            bounds.Add(-BoundOf(point.Negative!.Offset + i, point.Scale));
            counts.Add(negative![i]);
        }

        bounds.Add(point.Positive is { } buckets && positive!.Count > 0
            ? Math.Max(point.ZeroThreshold, BoundOf(buckets.Offset, point.Scale))
            : point.ZeroThreshold);
        counts.Add(point.ZeroCount);
        for (var i = 0; i < (positive?.Count ?? 0); i++)
        {
            bounds.Add(BoundOf(point.Positive!.Offset + i + 1, point.Scale));
            counts.Add(positive![i]);
        }

        counts.Add(0); // nothing lies above the last bucket
        return ([.. bounds], [.. counts]);
    }

    private static double BoundOf(int index, int scale) => Math.Pow(2, index * Math.Pow(2, -scale));
}
