using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Dashboard.EngineLink;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;
using Dashboard.Tests.Support;

namespace Dashboard.Tests.Api;

public sealed class ApiTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resources_are_listed_with_what_their_process_uses()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard);
        await engine.TellAsync(TestEngine.Replica("ping", "bbbbb") with { ProcessId = Environment.ProcessId });
        using var client = Client(dashboard);

        JsonElement replica = default;
        await Eventually.TrueAsync(
            async () =>
            {
                var list = await client.GetFromJsonAsync<JsonElement>("/api/resources", Cancellation);
                return list.GetArrayLength() == 1 && (replica = list[0]).GetProperty("memory").ValueKind == JsonValueKind.Number;
            },
            "the replica has been measured");
        Assert.Equal("ping-bbbbb", replica.GetProperty("resource").GetProperty("id").GetString());
        Assert.True(replica.GetProperty("memory").GetInt64() > 1_000_000);
    }

    [Fact]
    public async Task Logs_traces_and_charts_come_as_JSON()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var ping = Make.Resource("ping", "bbbbb");
        dashboard.Store.Logs.Add([Make.Log(ping, "slow", 13, attributes: Make.Attributes(("path", "/ping"))) with { TraceId = new TraceId(1) }]);
        dashboard.Store.Traces.Add([Make.Span(ping, 1, 1, start: 0, end: 2_500_000), Make.Span(ping, 1, 2, parent: 1)]);
        dashboard.Store.Metrics.Add(ping, find => find(Make.Instrument(ping, InstrumentKind.Gauge, "queue.length"), AttributeList.Empty)!
            .AddGauge(UnixTime.From(TimeProvider.System.GetUtcNow()), 7));
        using var client = Client(dashboard);

        var log = (await client.GetFromJsonAsync<JsonElement>("/api/logs?level=warning&resource=ping", Cancellation))[0];
        Assert.Equal(("slow", "Warning"), (log.GetProperty("message").GetString(), log.GetProperty("level").GetString()));
        Assert.Equal("/ping", log.GetProperty("attributes").GetProperty("path").GetString());
        var traceId = log.GetProperty("traceId").GetString();
        var trace = await client.GetFromJsonAsync<JsonElement>($"/api/traces/{traceId}", Cancellation);
        Assert.Equal(2.5, trace.GetProperty("trace").GetProperty("durationMs").GetDouble());
        Assert.Equal([0, 1], trace.GetProperty("spans").EnumerateArray().Select(span => span.GetProperty("depth").GetInt32()));
        var chart = await client.GetFromJsonAsync<JsonElement>("/api/metrics/queue.length?resource=ping", Cancellation);
        Assert.Contains(
            chart.GetProperty("lines")[0].GetProperty("values").EnumerateArray(),
            value => value.ValueKind == JsonValueKind.Number && value.GetDouble() == 7);
        Assert.Equal(1, (await client.GetFromJsonAsync<JsonElement>("/api/logs?trace=" + traceId, Cancellation)).GetArrayLength());
    }

    [Theory]
    [InlineData("/api/logs?level=loud", HttpStatusCode.BadRequest)]
    [InlineData("/api/logs?trace=xyz", HttpStatusCode.BadRequest)]
    [InlineData("/api/traces/xyz", HttpStatusCode.BadRequest)]
    [InlineData("/api/traces/00000000000000000000000000000001", HttpStatusCode.NotFound)]
    [InlineData("/api/metrics/none", HttpStatusCode.NotFound)]
    [InlineData("/api/resources/none", HttpStatusCode.NotFound)]
    [InlineData("/api/console/none", HttpStatusCode.NotFound)]
    [InlineData("/api/none", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_or_makes_no_sense_is_said(string path, HttpStatusCode expected)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var client = Client(dashboard);
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        Assert.Equal(expected, response.StatusCode);
        Assert.NotEmpty((await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("error").GetString()!);
    }

    [Fact]
    public async Task Changes_come_as_events()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard);
        using var client = Client(dashboard);
        await using var stream = await client.GetStreamAsync(new Uri("/api/events", UriKind.Relative), Cancellation);
        await using var events = SseParser.Create(stream).EnumerateAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal("telemetry", await NextAsync(events));

        await engine.TellAsync(TestEngine.Replica("ping", "bbbbb"));
        Assert.Equal("resource", await NextAsync(events));
        Assert.Contains("ping-bbbbb", events.Current.Data, StringComparison.Ordinal);
        await engine.TellAsync(new ResourceRemoved("ping-bbbbb"));
        Assert.Equal("removed", await NextAsync(events));
        dashboard.Store.Logs.Add([Make.Log(Make.Resource("ping"), "one")]);
        Assert.Equal("telemetry", await NextAsync(events));
        Assert.Equal("""{"logs":true,"traces":false,"metrics":false,"logSequence":1}""", events.Current.Data);
    }

    [Fact]
    public async Task The_output_of_a_process_can_be_fetched()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard);
        await engine.TellAsync(TestEngine.Replica("ping", "bbbbb"));
        using var client = Client(dashboard);
        await Eventually.TrueAsync(
            async () => (await client.GetFromJsonAsync<JsonElement>("/api/resources", Cancellation)).GetArrayLength() == 1, "it is known");
        var fetch = client.GetFromJsonAsync<ConsoleLine[]>("/api/console/ping-bbbbb?tail=2", Cancellation);
        Assert.IsType<WatchLog>(await engine.AskedAsync());
        await engine.TellAsync(new LogWritten(
            "ping-bbbbb", [.. Enumerable.Range(1, 3).Select(i => new ConsoleLine(i, DateTime.UnixEpoch, $"line {i}", i == 3))]));
        Assert.Equal(["line 2", "line 3"], (await fetch)!.Select(line => line.Text));
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        Assert.True(await events.MoveNextAsync());
        return events.Current.EventType;
    }

    private static HttpClient Client(TestDashboard dashboard)
    {
        var client = new HttpClient { BaseAddress = dashboard.Frontend };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestDashboard.BrowserToken);
        return client;
    }
}
