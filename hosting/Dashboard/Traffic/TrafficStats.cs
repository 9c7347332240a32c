using System.Globalization;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;

namespace Dashboard.Traffic;

/// <summary>How a service or replica was doing in the last seconds.</summary>
/// <param name="Rate">Requests per second.</param>
/// <param name="ErrorShare">The share of answers with a status of 500 and above.</param>
/// <param name="P99">What 99 of 100 requests did not exceed; null when there were none.</param>
internal readonly record struct TrafficStat(double Rate, double ErrorShare, TimeSpan? P99)
{
    /// <summary>No requests.</summary>
    public static TrafficStat None { get; } = new(0, 0, null);
}

/// <summary>
/// Reads traffic off the metric that every HTTP server of OpenTelemetry has
/// (https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration).
/// </summary>
internal sealed class TrafficStats(TelemetryStore store, TimeProvider time)
{
    /// <summary>How far back it looks.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private const string Duration = "http.server.request.duration";

    /// <summary>How all replicas are doing, by id; those that had no requests are not in it.</summary>
    public IReadOnlyDictionary<string, TrafficStat> Read()
    {
        var since = UnixTime.From(time.GetUtcNow() - Window);
        return store.Metrics.Read(Duration, series => series
            .GroupBy(each => each.Instrument.Resource.Id, StringComparer.OrdinalIgnoreCase)
            .Select(group => (group.Key, Stat: Summarize(group, since)))
            .Where(pair => pair.Stat.Rate > 0)
            .ToDictionary(pair => pair.Key, pair => pair.Stat, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Several replicas as one: the slowest of them is as slow as all.</summary>
    public static TrafficStat Sum(IEnumerable<TrafficStat> stats)
    {
        var all = stats.ToList();
        var rate = all.Sum(stat => stat.Rate);
        return rate > 0
            ? new TrafficStat(rate, all.Sum(stat => stat.ErrorShare * stat.Rate) / rate, all.Max(stat => stat.P99))
            : TrafficStat.None;
    }

    private static TrafficStat Summarize(IEnumerable<MetricSeries> group, long since)
    {
        var buckets = new HistogramBuckets();
        var (count, errors) = (0L, 0L);
        foreach (var series in group)
        {
            var isError = IsError(series.Attributes);
            foreach (var point in series.Histograms.Where(point => point.Time >= since))
            {
                buckets.Add(point);
                count += point.Count;
                errors += isError ? point.Count : 0;
            }
        }

        return count == 0
            ? TrafficStat.None
            : new TrafficStat(count / Window.TotalSeconds, (double)errors / count, TimeSpan.FromSeconds(buckets.Percentile(0.99)));
    }

    private static bool IsError(AttributeList attributes) =>
        int.TryParse(attributes["http.response.status_code"], CultureInfo.InvariantCulture, out var status) && status >= 500;
}
