using Dashboard.Otlp.Ingestion;
using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;
using Dashboard.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Tests.Telemetry;

public sealed class MetricTests
{
    private const long Second = 1_000_000_000;

    private static readonly long Now = UnixTime.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly double[] Bounds = [10, 100];

    [Fact]
    public void A_cumulative_sum_shows_what_was_added_and_survives_a_restart_of_the_process()
    {
        var (store, service) = Store();
        Add(store, service, InstrumentKind.Counter, series =>
        {
            series.AddSum(start: Now - Second, Now, 50, isCumulative: true); // older than the dashboard: says nothing of this second
            series.AddSum(start: Now - Second, Now + Second, 60, isCumulative: true);
            series.AddSum(start: Now + (2 * Second), Now + (3 * Second), 5, isCumulative: true); // started again
        });
        Assert.Equal([0d, 10, 5], store.Metrics.Read("measured", series => series.Single().Numbers.Select(point => point.Value).ToArray()));
    }

    [Fact]
    public void A_series_that_appears_later_counts_from_its_first_measurement()
    {
        var (store, service) = Store();
        Add(store, service, InstrumentKind.Counter, static _ => { });
        store.Metrics.Add(service, find => find(Make.Instrument(service, InstrumentKind.Counter), Make.Attributes(("status", "500")))!
            .AddSum(start: Now - Second, Now, 3, isCumulative: true));
        Assert.Equal(3, store.Metrics.Read("measured", all => all.Sum(series => series.Numbers.Sum(point => point.Value))));
    }

    [Fact]
    public void Percentiles_of_replicas_are_those_of_all_measurements_together()
    {
        var (store, _) = Store();
        foreach (var (instance, counts) in new[] { ("a", new ulong[] { 90, 0, 0 }), ("b", [0, 10, 0]) })
        {
            Add(store, Make.Resource("service", instance), InstrumentKind.Histogram, series =>
                series.AddHistogram(Now, Now, Bounds, counts, sum: 0, isCumulative: false));
        }

        var together = store.Metrics.Chart(new MetricQuery { Instrument = "measured", Resource = "service" });
        Assert.Equal(100d / 18, Last(together, "p50"), precision: 9);
        Assert.Equal(91, Last(together, "p99"), precision: 9);
        var apart = store.Metrics.Chart(new MetricQuery { Instrument = "measured", SplitBy = MetricQuery.ByResource });
        Assert.Equal(["service-a p99", "service-b p99"], apart.Lines.Select(line => line.Name));
        Assert.Equal(9.9, Last(apart, "service-a p99"), precision: 9);
    }

    [Fact]
    public void What_lies_above_the_last_bound_is_at_least_that()
    {
        var buckets = new HistogramBuckets();
        buckets.Add(new HistogramPoint(0, Bounds, [0, 0, 4], 4, 0));
        Assert.Equal(100, buckets.Percentile(0.5));
        Assert.True(double.IsNaN(new HistogramBuckets().Percentile(0.5)));
    }

    [Fact]
    public void Gauges_of_replicas_add_up_and_rates_are_per_second()
    {
        var (store, _) = Store();
        foreach (var instance in (string[])["a", "b"])
        {
            Add(store, Make.Resource("service", instance), InstrumentKind.Gauge, series => series.AddGauge(Now, 4));
            store.Metrics.Add(Make.Resource("other", instance), find =>
                find(Make.Instrument(Make.Resource("other", instance), InstrumentKind.Counter, "counted"), AttributeList.Empty)!
                    .AddSum(Now, Now, 30, isCumulative: false));
        }

        Assert.Equal(8, store.Metrics.Chart(new MetricQuery { Instrument = "measured" }).Lines.Single().Values[^1]);
        var chart = store.Metrics.Chart(new MetricQuery { Instrument = "counted", Window = TimeSpan.FromMinutes(1), Steps = 6 });
        Assert.Equal(6, chart.Lines.Single().Values[^1]); // 60 in a step of ten seconds
    }

    [Fact]
    public void An_exponential_histogram_has_the_bounds_of_its_scale()
    {
        var point = new ExponentialHistogramDataPoint
        {
            Scale = 0,
            ZeroCount = 1,
            Positive = new() { Offset = 1, BucketCounts = { 2, 3 } },
            Negative = new() { Offset = 0, BucketCounts = { 4 } },
        };
        var (bounds, counts) = ExponentialBuckets.Read(point)!.Value;
        Assert.Equal([-1d, 2, 4, 8], bounds);
        Assert.Equal([4UL, 1, 2, 3, 0], counts);
    }

    private static double Last(MetricChart chart, string line) => chart.Lines.Single(each => each.Name == line).Values[^1];

    private static (TelemetryStore Store, TelemetryResource Service) Store() =>
        (new TelemetryStore(new TelemetryLimits(), new FakeTimeProvider(UnixTime.ToDateTimeOffset(Now))), Make.Resource("service"));

    private static void Add(TelemetryStore store, TelemetryResource resource, InstrumentKind kind, Action<MetricSeries> add) =>
        store.Metrics.Add(resource, find => add(find(Make.Instrument(resource, kind), AttributeList.Empty)!));
}
