namespace Dashboard.Telemetry.Metrics;

/// <summary>
/// Buckets of histograms added up, and percentiles estimated from them, as Prometheus does: linear within a bucket
/// (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile).
/// </summary>
internal sealed class HistogramBuckets
{
    private double[] _bounds = [];
    private long[] _counts = [0]; // the last one has no upper bound

    /// <summary>How many measurements there are.</summary>
    public long Count { get; private set; }

    /// <summary>Adds the measurements of a point.</summary>
    public void Add(HistogramPoint point)
    {
        // Nearly always all points have the same buckets.
        var isSame = _bounds.AsSpan().SequenceEqual(point.Bounds);
        if (!isSame)
        {
            Divide(point.Bounds);
            isSame = _bounds.AsSpan().SequenceEqual(point.Bounds);
        }

        for (var i = 0; i < point.Counts.Length; i++)
        {
            var bucket = isSame ? Math.Min(i, _bounds.Length) : i < point.Bounds.Length ? Array.BinarySearch(_bounds, point.Bounds[i]) : _bounds.Length;
            _counts[bucket] += point.Counts[i];
            Count += point.Counts[i];
        }
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
        foreach (var (i, count) in _counts.Index())
        {
            var upper = i < _bounds.Length ? _bounds[i] : double.PositiveInfinity;
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

    // Makes room for further bounds; what has been counted stays under the bound it was counted under.
    private void Divide(double[] bounds)
    {
        double[] all = [.. _bounds.Union(bounds).Order()];
        var counts = new long[all.Length + 1];
        for (var i = 0; i < _bounds.Length; i++)
        {
            counts[Array.BinarySearch(all, _bounds[i])] = _counts[i];
        }

        counts[^1] = _counts[^1];
        (_bounds, _counts) = (all, counts);
    }
}
