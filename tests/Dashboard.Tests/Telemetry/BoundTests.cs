using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;
using Dashboard.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Tests.Telemetry;

/// <summary>Whatever comes, memory stays within the limits, the oldest goes, and how much went is told.</summary>
public sealed class BoundTests
{
    private static readonly TelemetryLimits Small = new() { Logs = 10, Spans = 10, SpansPerTrace = 5, Points = 10, Series = 3, Resources = 2 };

    [Fact]
    public void Of_a_resource_the_latest_log_records_are_kept_and_the_dropped_ones_counted()
    {
        var (store, chatty, quiet) = (Store(Small), Make.Resource("chatty"), Make.Resource("quiet"));
        store.Logs.Add([Make.Log(quiet, "still here")]);
        store.Logs.Add([.. Enumerable.Range(1, 25).Select(i => Make.Log(chatty, $"{i}", time: i))]);

        Assert.Equal(Enumerable.Range(16, 10).Select(i => $"{i}"), store.Logs.Find(new LogFilter { Resource = "chatty" }).Select(each => each.Message));
        Assert.Equal((10, 15L), (store.Logs.CountOf(chatty).Kept, store.Logs.CountOf(chatty).Dropped));
        Assert.Equal((1, 0L), (store.Logs.CountOf(quiet).Kept, store.Logs.CountOf(quiet).Dropped));
    }

    [Fact]
    public void The_oldest_trace_goes_as_a_whole()
    {
        var (store, gateway, ping) = (Store(Small), Make.Resource("gateway"), Make.Resource("ping"));
        for (ulong i = 1; i <= 12; i++)
        {
            store.Traces.Add([Make.Span(gateway, i, 1), Make.Span(ping, i, 2, parent: 1)]);
        }

        var traces = store.Traces.Find(new TraceFilter());
        Assert.Equal(Enumerable.Range(3, 10).Reverse().Select(i => new TraceId((ulong)i)), traces.Select(trace => trace.Id));
        Assert.All(traces, trace => Assert.Equal(2, trace.Spans.Length));
        Assert.Equal((10, 2L), (store.Traces.CountOf(ping).Kept, store.Traces.CountOf(ping).Dropped));
    }

    [Fact]
    public void A_trace_without_end_keeps_its_first_spans()
    {
        var (store, service) = (Store(Small), Make.Resource("service"));
        store.Traces.Add([.. Enumerable.Range(1, 9).Select(i => Make.Span(service, 1, (ulong)i))]);
        Assert.True(store.Traces.TryGet(new TraceId(1), out var trace));
        Assert.Equal((5, 4), (trace.Spans.Length, trace.Dropped));
    }

    [Fact]
    public void A_series_keeps_its_latest_points_and_further_series_have_no_room()
    {
        var (store, service) = (Store(Small), Make.Resource("service"));
        store.Metrics.Add(service, find =>
        {
            for (var i = 0; i < 25; i++)
            {
                find(Make.Instrument(service, InstrumentKind.Gauge), AttributeList.Empty)!.AddGauge(i, i);
            }

            Assert.NotNull(find(Make.Instrument(service, InstrumentKind.Gauge), Make.Attributes(("n", "2"))));
            Assert.NotNull(find(Make.Instrument(service, InstrumentKind.Gauge), Make.Attributes(("n", "3"))));
            Assert.Null(find(Make.Instrument(service, InstrumentKind.Gauge), Make.Attributes(("n", "4"))));
        });
        Assert.Equal((10, 15L), (store.Metrics.CountOf(service).Kept, store.Metrics.CountOf(service).Dropped));
    }

    [Fact]
    public void There_are_so_many_resources()
    {
        var store = Store(Small);
        Assert.NotNull(store.Resources.GetOrAdd("a", "", AttributeList.Empty));
        Assert.NotNull(store.Resources.GetOrAdd("b", "", AttributeList.Empty));
        Assert.Null(store.Resources.GetOrAdd("c", "", AttributeList.Empty));
        Assert.NotNull(store.Resources.GetOrAdd("a", "", AttributeList.Empty));
    }

    [Fact]
    public void Bytes_are_bounded_for_a_resource_and_for_all_together()
    {
        var limits = new TelemetryLimits { LogBytes = 100_000, TotalBytes = 250_000 };
        var store = Store(limits);
        var resources = Enumerable.Range(0, 5).Select(i => Make.Resource($"r{i}")).ToList();
        for (var i = 0; i < 200; i++)
        {
            store.Logs.Add([.. resources.Select(resource => Make.Log(resource, new string('x', 2_000)))]);
        }

        var counts = resources.Select(store.Logs.CountOf).ToList();
        Assert.All(counts, count => Assert.True(count.Bytes <= limits.LogBytes));
        Assert.True(counts.Sum(count => count.Bytes) <= limits.TotalBytes);
        Assert.All(counts, count => Assert.True(count.Kept > 0));
    }

    [Fact]
    public async Task What_is_pushed_out_is_collected_before_it_takes_much()
    {
        var collections = 0;
        var store = new TelemetryStore(new TelemetryLimits { SpanBytes = 100_000, LogBytes = 100_000 }, new FakeTimeProvider(), new Reclaimer(() => Interlocked.Increment(ref collections)));
        var resource = Make.Resource("flood");
        var text = new string('x', 10_000);
        for (var i = 0; i < 1_000; i++)
        {
            store.Logs.Add([Make.Log(resource, text)]);
            store.Traces.Add([Make.Span(resource, (ulong)i + 1, 1, attributes: Make.Attributes(("text", text)))]);
        }

        // Twenty kilobytes each: forty million bytes, of which two hundred thousand are kept.
        await Eventually.TrueAsync(() => Volatile.Read(ref collections) == (int)(40_000_000 / Reclaimer.Bound), "it has been collected");
    }

    [Fact]
    public void Series_are_bounded_for_all_resources_together()
    {
        var store = Store(new TelemetryLimits { Series = 10, TotalSeries = 15 });
        foreach (var resource in (string[])["a", "b", "c"])
        {
            var sender = Make.Resource(resource);
            var instrument = Make.Instrument(sender, InstrumentKind.Gauge);
            var found = 0;
            store.Metrics.Add(sender, find =>
            {
                for (var i = 0; i < 24; i++)
                {
                    found += find(instrument, Make.Attributes(("i", $"{i % 12}"))) is null ? 0 : 1;
                }
            });
            Assert.Equal(resource switch { "a" => 20, "b" => 10, _ => 0 }, found); // each of them twice
        }
    }

    [Fact]
    public void Data_points_are_bounded_for_all_resources_together()
    {
        var limits = new TelemetryLimits { TotalBytes = 20_000 };
        var store = Store(limits);
        var resources = Enumerable.Range(0, 10).Select(i => Make.Resource($"r{i}")).ToList();
        for (var i = 0; i < 500; i++)
        {
            foreach (var resource in resources)
            {
                store.Metrics.Add(resource, find => find(Make.Instrument(resource, InstrumentKind.Gauge), AttributeList.Empty)!.AddGauge(i, i));
            }
        }

        var counts = resources.Select(store.Metrics.CountOf).ToList();
        Assert.True(counts.Sum(count => count.Bytes) <= limits.TotalBytes);
        Assert.All(counts, count => Assert.Equal(500, count.Kept + count.Dropped));
    }

    [Fact]
    public void A_flood_leaves_memory_where_the_limits_put_it()
    {
        var store = Store(new TelemetryLimits());
        var resources = Enumerable.Range(0, 8).Select(i => Make.Resource("flood", $"{i}")).ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (ulong i = 1; i <= 200_000; i++)
        {
            var resource = resources[i % 8];
            store.Traces.Add([Make.Span(resource, i, i, attributes: Make.Attributes(("url", $"/{i}"), ("padding", new string('x', 200))))]);
            store.Logs.Add([Make.Log(resource, $"message {i} of a flood that does not end")]);
        }

        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        var kept = resources.Sum(resource => store.Traces.CountOf(resource).Bytes + store.Logs.CountOf(resource).Bytes);

        // The estimate is one: what it leaves out may be as much again, but no more.
        Assert.True(grown < 2 * 2 * store.Limits.TotalBytes, $"{grown / 1_000_000} MB for {kept / 1_000_000} MB by the books");
        Assert.True(kept <= 2 * store.Limits.TotalBytes);
        Assert.Equal(
            200_000, resources.Sum(resource => store.Traces.CountOf(resource).Kept + store.Traces.CountOf(resource).Dropped));
        Assert.Equal(200_000, resources.Sum(resource => store.Logs.CountOf(resource).Kept + store.Logs.CountOf(resource).Dropped));
        GC.KeepAlive(store);
    }

    private static TelemetryStore Store(TelemetryLimits limits) => new(limits, new FakeTimeProvider());
}
