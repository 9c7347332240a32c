using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Traces;
using Dashboard.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Dashboard.Tests.Telemetry;

public sealed class QueryTests
{
    private readonly TelemetryStore _store = new(new TelemetryLimits(), new FakeTimeProvider());
    private readonly TelemetryResource _ping = Make.Resource("ping", "a1b2c");

    [Fact]
    public void Logs_are_found_by_resource_level_text_and_what_is_new()
    {
        _store.Logs.Add(
        [
            Make.Log(_ping, "started", severity: 9, time: 1),
            Make.Log(_ping, "slow", severity: 13, time: 2, Make.Attributes(("path", "/ping"))),
            Make.Log(Make.Resource("gateway"), "failed", severity: 17, time: 3),
        ]);
        Assert.Equal(["started", "slow"], Messages(new() { Resource = "ping" }));
        Assert.Equal(["started", "slow"], Messages(new() { Resource = "PING-a1b2c" }));
        Assert.Equal(["slow", "failed"], Messages(new() { Level = LogSeverity.Warning }));
        Assert.Equal(["slow"], Messages(new() { Text = "/PING" }));
        Assert.Equal(["failed"], Messages(new() { After = 2 }));
        Assert.Equal(["slow", "failed"], Messages(new() { Limit = 2 }));
    }

    [Fact]
    public void Traces_are_found_by_resource_text_error_and_duration_the_latest_first()
    {
        _store.Traces.Add(
        [
            Make.Span(_ping, 1, 1, start: 0, end: 5),
            Make.Span(_ping, 2, 2, start: 10, end: 100) with { Status = SpanStatus.Error },
            Make.Span(Make.Resource("gateway"), 3, 3, attributes: Make.Attributes(("http.route", "/orders"))),
        ]);
        Assert.Equal([3, 2, 1], Ids(new()));
        Assert.Equal([2, 1], Ids(new() { Resource = "ping" }));
        Assert.Equal([2], Ids(new() { ErrorsOnly = true }));
        Assert.Equal([2], Ids(new() { MinDuration = 50 }));
        Assert.Equal([3], Ids(new() { Text = "/ORDERS" }));
        Assert.Equal([3, 2], Ids(new() { Limit = 2 }));
    }

    [Fact]
    public void A_tree_has_every_span_once_though_parents_are_missing_or_go_round_in_a_circle()
    {
        _store.Traces.Add(
        [
            Make.Span(_ping, 9, 4, parent: 3, start: 4),
            Make.Span(_ping, 9, 1, parent: 0, start: 1),
            Make.Span(_ping, 9, 2, parent: 1, start: 2),
            Make.Span(_ping, 9, 3, parent: 77, start: 3),
            Make.Span(_ping, 9, 5, parent: 6, start: 5),
            Make.Span(_ping, 9, 6, parent: 5, start: 6),
            Make.Span(_ping, 9, 7, parent: 7, start: 7),
        ]);
        Assert.True(_store.Traces.TryGet(new TraceId(9), out var trace));
        Assert.Equal(
            [(1UL, 0), (2UL, 1), (3UL, 0), (4UL, 1), (7UL, 0), (5UL, 0), (6UL, 0)],
            trace.ToTree().Select(node => (node.Span.SpanId.Value, node.Depth)));
    }

    [Fact]
    public void Whoever_listens_is_told_what_has_come_until_it_no_longer_listens()
    {
        var told = new List<Signals>();
        using (_store.Changes.Subscribe(told.Add))
        {
            _store.Logs.Add([Make.Log(_ping, "one")]);
            _store.Traces.Add([Make.Span(_ping, 1, 1)]);
        }

        _store.Logs.Add([Make.Log(_ping, "two")]);
        Assert.Equal([Signals.Logs, Signals.Traces], told);
    }

    [Theory]
    [InlineData("ping", "a1b2c", "ping-a1b2c")]
    [InlineData("ping", "ping-a1b2c", "ping-a1b2c")]
    [InlineData("ping", "", "ping")]
    public void A_resource_is_called_by_service_and_instance(string name, string instance, string id) =>
        Assert.Equal(id, Make.Resource(name, instance).Id);

    private IEnumerable<string> Messages(LogFilter filter) => _store.Logs.Find(filter).Select(entry => entry.Message);

    private IEnumerable<int> Ids(TraceFilter filter) => _store.Traces.Find(filter).Select(trace => (int)trace.Id.Value);
}
