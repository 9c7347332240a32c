using System.Globalization;

namespace Dashboard.Telemetry.Metrics;

/// <summary>What a chart shows of an instrument.</summary>
internal sealed record MetricQuery
{
    /// <summary>The instrument's name.</summary>
    public required string Instrument { get; init; }

    /// <summary>The meter; nothing for any.</summary>
    public string? Scope { get; init; }

    /// <summary>A service's name or an instance's id; nothing for all.</summary>
    public string? Resource { get; init; }

    /// <summary>Only measurements with these attributes.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>A line for each resource, or for each value of this attribute; null for one line.</summary>
    public string? SplitBy { get; init; }

    /// <summary>How far back it goes.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many points a line has.</summary>
    public int Steps { get; init; } = 60;

    /// <summary>The word for <see cref="SplitBy"/> that means a line for each resource.</summary>
    public const string ByResource = "resource";
}

/// <summary>A line of a chart: a value for each step, NaN where nothing was measured.</summary>
internal sealed record ChartLine(string Name, double[] Values);

/// <summary>
/// A chart: lines over time and the measurements of traces on it. Counters are shown as rates per second, histograms as percentiles and
/// the rate of measurements.
/// </summary>
internal sealed record MetricChart(
    InstrumentKind Kind,
    string Unit,
    DateTimeOffset Start,
    TimeSpan Step,
    IReadOnlyList<ChartLine> Lines,
    IReadOnlyList<ChartLine> Rates,
    IReadOnlyList<ExemplarPoint> Exemplars)
{
    private const int MinSteps = 12;

    private static readonly double[] Percentiles = [0.5, 0.9, 0.99];

    /// <summary>Draws the points of series that belong to one instrument.</summary>
    public static MetricChart Draw(IReadOnlyList<MetricSeries> series, MetricQuery query, long end)
    {
        var step = Math.Max(1, UnixTime.From(query.Window) / query.Steps);

        // Steps lie at fixed moments, so that a line does not change its shape as time goes on.
        var start = ((end / step) + 1 - query.Steps) * step;
        var kind = series.Count == 0 ? InstrumentKind.Gauge : series[0].Instrument.Kind;
        var groups = series.GroupBy(each => NameOf(each, query.SplitBy)).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        var lines = new List<ChartLine>();
        var rates = new List<ChartLine>();
        foreach (var group in groups)
        {
            if (kind == InstrumentKind.Histogram)
            {
                AddHistogram(lines, rates, group.Key, group, start, step, query);
            }
            else
            {
                lines.Add(new ChartLine(group.Key, kind == InstrumentKind.Counter
                    ? RateOf(group, start, step, query.Steps)
                    : LevelOf(group, start, step, query.Steps)));
            }
        }

        if (kind != InstrumentKind.Gauge)
        {
            (kind == InstrumentKind.Counter ? lines : rates).ForEach(LeaveOutUnfinished);
        }

        // A chart begins where measurements begin, so that a young process fills it.
        var empty = Math.Min(lines.Concat(rates).Select(Empty).DefaultIfEmpty(0).Min(), Math.Max(0, query.Steps - MinSteps));
        start += empty * step;
        lines = [.. lines.Select(line => line with { Values = line.Values[empty..] })];
        rates = [.. rates.Select(line => line with { Values = line.Values[empty..] })];
        return new MetricChart(
            kind,
            series.Count == 0 ? "" : series[0].Instrument.Unit,
            UnixTime.ToDateTimeOffset(start),
            UnixTime.ToTimeSpan(step),
            lines,
            rates,
            [.. series.SelectMany(each => each.Exemplars).Where(each => each.Time >= start).OrderBy(each => each.Time)]);
    }

    // The last step has not ended: a rate of what has come in it so far would always look like a fall. It is shown when there is no other.
    private static void LeaveOutUnfinished(ChartLine line)
    {
        if (line.Values.AsSpan(..^1).ContainsAnyExcept(0))
        {
            line.Values[^1] = double.NaN;
        }
    }

    // How many steps at the beginning have nothing in them.
    private static int Empty(ChartLine line)
    {
        var first = Array.FindIndex(line.Values, static value => double.IsFinite(value) && value != 0);
        return first < 0 ? line.Values.Length : first;
    }

    private static string NameOf(MetricSeries series, string? splitBy) => splitBy switch
    {
        null or "" => "",
        MetricQuery.ByResource => series.Instrument.Resource.Id,
        _ => series.Attributes[splitBy] ?? "",
    };

    private static void AddHistogram(
        List<ChartLine> lines, List<ChartLine> rates, string name, IEnumerable<MetricSeries> group, long start, long step, MetricQuery query)
    {
        var buckets = new HistogramBuckets[query.Steps];
        var counts = new double[query.Steps];
        foreach (var point in group.SelectMany(each => each.Histograms))
        {
            if (IndexOf(point.Time, start, step, query.Steps) is { } index)
            {
                (buckets[index] ??= new HistogramBuckets()).Add(point);
                counts[index] += point.Count;
            }
        }

        foreach (var percentile in query.SplitBy is null or "" ? Percentiles : Percentiles.AsSpan(2..))
        {
            var label = string.Create(CultureInfo.InvariantCulture, $"p{percentile * 100:0}");
            lines.Add(new ChartLine(
                name.Length == 0 ? label : $"{name} {label}",
                [.. buckets.Select(each => each?.Percentile(percentile) ?? double.NaN)]));
        }

        rates.Add(new ChartLine(name, [.. counts.Select(count => count / UnixTime.ToTimeSpan(step).TotalSeconds)]));
    }

    private static double[] RateOf(IEnumerable<MetricSeries> group, long start, long step, int steps)
    {
        var values = new double[steps];
        foreach (var point in group.SelectMany(each => each.Numbers))
        {
            if (IndexOf(point.Time, start, step, steps) is { } index)
            {
                values[index] += point.Value / UnixTime.ToTimeSpan(step).TotalSeconds;
            }
        }

        return values;
    }

    // The last value of each series in a step, added up over the series.
    private static double[] LevelOf(IEnumerable<MetricSeries> group, long start, long step, int steps)
    {
        var values = new double[steps];
        Array.Fill(values, double.NaN);
        foreach (var series in group)
        {
            var last = new double?[steps];
            foreach (var point in series.Numbers)
            {
                if (IndexOf(point.Time, start, step, steps) is { } index)
                {
                    last[index] = point.Value;
                }
            }

            for (var i = 0; i < steps; i++)
            {
                if (last[i] is { } value)
                {
                    values[i] = double.IsNaN(values[i]) ? value : values[i] + value;
                }
            }
        }

        return values;
    }

    private static int? IndexOf(long time, long start, long step, int steps)
    {
        var index = (time - start) / step;
        return time >= start && index < steps ? (int)index : null;
    }
}
