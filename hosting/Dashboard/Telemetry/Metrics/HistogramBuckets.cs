namespace Dashboard.Telemetry.Metrics;

/// <summary>
/// Buckets of histograms added up, and percentiles estimated from them, as Prometheus does: linear within a bucket
/// (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile).
/// </summary>
internal sealed class HistogramBuckets
{
    private readonly SortedDictionary<double, long> _counts = [];

    /// <summary>How many measurements there are.</summary>
    public long Count { get; private set; }

    /// <summary>Adds the measurements of a point.</summary>
    public void Add(HistogramPoint point)
    {
        for (var i = 0; i < point.Counts.Length; i++)
        {
            var bound = i < point.Bounds.Length ? point.Bounds[i] : double.PositiveInfinity;
            _counts[bound] = _counts.GetValueOrDefault(bound) + point.Counts[i];
        }

        Count += point.Counts.Sum(static each => (long)each);
    }

    /// <summary>The value that a share of all measurements does not exceed; NaN when there are none.</summary>
    public double Percentile(double share)
    {
        if (Count == 0)
        {
            return double.NaN;
        }

        var rank = share * Count;
        var below = 0L;
        var lower = 0d;
        foreach (var (upper, count) in _counts)
        {
            if (count > 0 && below + count >= rank)
            {
                // Nothing is known of the last bucket but where it begins.
                return double.IsPositiveInfinity(upper) ? lower : upper <= 0 ? upper : lower + ((upper - lower) * (rank - below) / count);
            }

            below += count;
            lower = double.IsPositiveInfinity(upper) ? lower : upper;
        }

        return lower;
    }
}
