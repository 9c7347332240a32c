using System.Globalization;
using System.Text;
using Dashboard.EngineLink;
using Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser;

/// <summary>What the pages show of logs, traces, metrics and output, and how one finds something in it.</summary>
public sealed class TelemetryPagesTests(BrowserFixture browser)
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task A_waterfall_shows_retries_flags_and_logs_and_lists_are_filtered()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await SendAsync(dashboard);
        var page = window.Page;
        await window.GoAsync(dashboard.LoginUrl);

        await window.GoToPageAsync("Traces");
        var traces = page.Locator("[data-table=traces] tbody tr");
        await Assertions.Expect(traces).ToHaveCountAsync(2);
        await page.GetByLabel("Errors only").CheckAsync();
        await Assertions.Expect(traces).ToHaveCountAsync(1);
        await page.GetByLabel("Errors only").UncheckAsync();
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" }).FillAsync("/retried");
        await Assertions.Expect(traces).ToHaveCountAsync(1);
        await traces.GetByRole(AriaRole.Link).First.ClickAsync();

        var spans = page.Locator("[data-table=waterfall] tbody tr");
        await Assertions.Expect(spans).ToHaveCountAsync(4);
        Assert.Equal(["0", "1", "1", "2"], await spans.EvaluateAllAsync<string[]>("all => all.map(row => row.dataset.depth)"));
        await Assertions.Expect(spans.Nth(0).Locator(".flag").First).ToHaveTextAsync("URX");
        await Assertions.Expect(spans.Nth(1).Locator(".flag").First).ToHaveTextAsync("UF");
        Assert.Equal(["200", "1"], await spans.Nth(2).Locator(".flag").AllTextContentsAsync());
        await Assertions.Expect(spans.Nth(3).Locator(".pin.warning")).ToHaveAttributeAsync("title", "The stock is low.");
        await page.GetByRole(AriaRole.Link, new() { Name = "Logs of this trace" }).ClickAsync();

        var logs = page.Locator("[data-table=logs] tbody tr");
        await Assertions.Expect(logs).ToHaveCountAsync(1);
        await page.Locator(".chip").ClickAsync();
        await Assertions.Expect(logs).ToHaveCountAsync(3);
        await page.GetByLabel("Level", new() { Exact = true }).SelectOptionAsync("Error");
        await Assertions.Expect(logs).ToHaveCountAsync(1);
        await page.GetByLabel("Level", new() { Exact = true }).SelectOptionAsync("");
        await page.GetByLabel("Resource", new() { Exact = true }).SelectOptionAsync("stock");
        await Assertions.Expect(logs).ToHaveCountAsync(2);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_histogram_has_percentiles_a_line_for_each_replica_and_exemplars_that_lead_to_traces()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await SendAsync(dashboard);
        var page = window.Page;
        await window.GoAsync(dashboard.LoginUrl);
        await window.GoToPageAsync("Metrics");
        await page.Locator(".tree a", new() { HasText = "shop.duration" }).ClickAsync();
        var legend = page.Locator("[data-chart=percentiles] .legend li");
        await Assertions.Expect(legend).ToHaveCountAsync(3);
        Assert.Equal(["p50", "p90", "p99"], (await legend.AllTextContentsAsync()).Select(text => text.Trim().Split(' ', '\n')[0]));
        await page.Locator("[data-choice=split]").SelectOptionAsync("resource");
        await Assertions.Expect(page.Locator("[data-chart=rate] .legend li")).ToHaveCountAsync(2);
        await page.Locator(".exemplars a").First.ClickAsync();
        await page.Locator("[data-table=waterfall]").WaitForAsync();
        Assert.EndsWith(Trace, page.Url);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task Output_is_merged_coloured_searched_and_saved()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard.LoginUrl);
        foreach (var suffix in (string[])["aaaaa", "bbbbb"])
        {
            await engine.TellAsync(TestEngine.Replica("shop", suffix) with { ProcessId = Environment.ProcessId });
        }

        var page = window.Page;
        await window.GoAsync(new Uri(dashboard.LoginUrl, $"{dashboard.LoginUrl.PathAndQuery}&returnUrl=%2Fconsole%3Fid%3Dshop"));
        for (var i = 0; i < 2; i++)
        {
            var id = Assert.IsType<WatchLog>(await engine.AskedAsync()).Id;
            var time = new DateTime(2026, 1, 2, 3, 4, id == "shop-aaaaa" ? 5 : 6, DateTimeKind.Utc);
            await engine.TellAsync(new LogWritten(id, [new(1, time, $"\e[32minfo\e[39m: {id} is up", IsError: false)]));
        }

        var lines = page.Locator(".terminal .line");
        await Assertions.Expect(lines).ToHaveCountAsync(2);
        Assert.Equal(["shop-aaaaa", "shop-bbbbb"], await lines.Locator(".who").AllTextContentsAsync());
        await Assertions.Expect(lines.First.Locator(".ansi-green")).ToHaveTextAsync("info");

        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" }).FillAsync("BBBBB is");
        await Assertions.Expect(lines).ToHaveCountAsync(1);
        var saved = await page.RunAndWaitForDownloadAsync(() => page.Locator("fluent-button", new() { HasText = "Download" }).ClickAsync());
        Assert.Equal("shop.log", saved.SuggestedFilename);
        Assert.Equal("2026-01-02T03:04:06.000Z shop-bbbbb info: shop-bbbbb is up", await File.ReadAllTextAsync(await saved.PathAsync(), TestContext.Current.CancellationToken));
        Assert.Empty(window.Errors);
    }

    // As an exporter sends it, in JSON: a request that was tried twice, and one that went well.
    private static async Task SendAsync(DashboardProcess dashboard)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 2_000;
        string At(int milliseconds) => $"\"{(now + milliseconds).ToString(CultureInfo.InvariantCulture)}000000\"";
        static string Attributes(params (string Key, string Value)[] items) =>
            $"[{string.Join(',', items.Select(item => $$$"""{"key":"{{{item.Key}}}","value":{"stringValue":"{{{item.Value}}}"}}"""))}]";
        static string Of(string service) => $$$"""{"attributes":{{{Attributes(("service.name", service))}}}}""";
        string Span(string trace, string id, string parent, string name, int kind, int from, int to, int status, params (string, string)[] attributes) => $$$"""
            {"traceId":"{{{trace}}}","spanId":"{{{id}}}","parentSpanId":"{{{parent}}}","name":"{{{name}}}","kind":{{{kind}}},"startTimeUnixNano":{{{At(from)}}},
            "endTimeUnixNano":{{{At(to)}}},"status":{"code":{{{status}}}},"attributes":{{{Attributes(attributes)}}}}
            """;
        string Log(string text, int severity, string more = "") =>
            $$$"""{"body":{"stringValue":"{{{text}}}"},"timeUnixNano":{{{At(40)}}}{{{more}}},"severityNumber":{{{severity}}} }""";
        string Histogram(string service, string more) => $$$"""
            {"resource":{{{Of(service)}}},"scopeMetrics":[{"scope":{"name":"shop"},"metrics":[{"name":"shop.duration","unit":"s","histogram":{
            "aggregationTemporality":1,"dataPoints":[{"timeUnixNano":{{{At(0)}}},"count":"10","sum":1,"explicitBounds":[0.1,1],"bucketCounts":["5","4","1"]{{{more}}} }]}}]}]}
            """;

        await PostAsync(dashboard, "traces", $$$"""
            {"resourceSpans":[{"resource":{{{Of("gateway")}}},"scopeSpans":[{"spans":[
            {{{Span(Trace, "00000000000000a1", "", "GET /retried", 2, 0, 60, 2, ("response_flags", "URX"))}}},
            {{{Span(Trace, "00000000000000a2", "00000000000000a1", "router stock egress", 3, 5, 10, 2, ("response_flags", "UF"))}}},
            {{{Span(Trace, "00000000000000a3", "00000000000000a1", "router stock egress", 3, 20, 58, 0, ("http.response.status_code", "200"), ("http.request.resend_count", "1"))}}},
            {{{Span("0af7651916cd43dd8448eb211c80319d", "00000000000000b1", "", "GET /fine", 2, 0, 1, 0)}}}]}]},
            {"resource":{{{Of("stock")}}},"scopeSpans":[{"spans":[{{{Span(Trace, "00000000000000a4", "00000000000000a3", "GET /stock", 2, 30, 55, 0)}}}]}]}]}
            """);
        var low = Log("The stock is low.", 13, $",\"traceId\":\"{Trace}\",\"spanId\":\"00000000000000a4\"");
        await PostAsync(dashboard, "logs", $$$"""
            {"resourceLogs":[{"resource":{{{Of("stock")}}},"scopeLogs":[{"logRecords":[{{{low}}},{{{Log("Nothing is left.", 17)}}}]}]},
            {"resource":{{{Of("gateway")}}},"scopeLogs":[{"logRecords":[{{{Log("It is up.", 9)}}}]}]}]}
            """);
        var exemplar = $$$"""{"timeUnixNano":{{{At(0)}}},"asDouble":0.5,"traceId":"{{{Trace}}}","spanId":"00000000000000a4"}""";
        var (gateway, stock) = (Histogram("gateway", ""), Histogram("stock", $",\"exemplars\":[{exemplar}]"));
        await PostAsync(dashboard, "metrics", $$$"""{"resourceMetrics":[{{{gateway}}},{{{stock}}}]}""");
    }

    private static async Task PostAsync(DashboardProcess dashboard, string signal, string json)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(dashboard.OtlpHttp, $"/v1/{signal}"), content, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
