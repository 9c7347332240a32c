using System.Text.RegularExpressions;
using Dashboard.EngineLink;
using Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser;

/// <summary>What the pages show of logs, traces, metrics and output, and how one finds something in it.</summary>
public sealed class TelemetryPagesTests(BrowserFixture browser)
{
    [Fact]
    public async Task A_waterfall_shows_retries_flags_and_logs_and_lists_are_filtered()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await ShopTelemetry.SendAsync(dashboard);
        var page = window.Page;
        await window.GoAsync(dashboard.LoginUrl);

        await window.GoToPageAsync("Traces");
        var traces = page.Locator("[data-table=traces] tbody tr");
        await Assertions.Expect(traces).ToHaveCountAsync(2);
        await page.GetByLabel("Errors only").CheckAsync();
        await Assertions.Expect(traces).ToHaveCountAsync(1);
        await page.GetByLabel("Errors only").UncheckAsync();
        await Assertions.Expect(traces).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" }).FillAsync("/retried");
        await Assertions.Expect(traces).ToHaveCountAsync(1);
        await traces.GetByRole(AriaRole.Link, new() { Name = "/retried" }).ClickAsync();

        var spans = page.Locator("[data-table=waterfall] tbody tr");
        await Assertions.Expect(spans).ToHaveCountAsync(4);
        foreach (var (index, depth) in ((string[])["0", "1", "1", "2"]).Index())
        {
            await Assertions.Expect(spans.Nth(index)).ToHaveAttributeAsync("data-depth", depth);
        }

        await Assertions.Expect(spans.Nth(0).Locator(".flag").First).ToHaveTextAsync("URX");
        await Assertions.Expect(spans.Nth(1).Locator(".flag").First).ToHaveTextAsync("UF");
        await Assertions.Expect(spans.Nth(2).Locator(".flag")).ToHaveTextAsync(["200", "1"]);
        await Assertions.Expect(spans.Nth(3).Locator(".pin.warning")).ToHaveAttributeAsync("title", "The stock is low.");
        await page.GetByRole(AriaRole.Link, new() { Name = "Logs of this trace" }).ClickAsync();

        var logs = page.Locator("[data-table=logs] tbody tr");
        await Assertions.Expect(logs).ToHaveCountAsync(1);
        await page.Locator(".chip").ClickAsync();
        await Assertions.Expect(logs).ToHaveCountAsync(3);
        await page.GetByLabel("Level", new() { Exact = true }).SelectOptionAsync("Error");
        await Assertions.Expect(logs).ToHaveCountAsync(1);
        await page.GetByLabel("Level", new() { Exact = true }).SelectOptionAsync("");
        await Assertions.Expect(logs).ToHaveCountAsync(3);
        await page.GetByLabel("Resource", new() { Exact = true }).SelectOptionAsync("stock");
        await Assertions.Expect(logs).ToHaveCountAsync(2);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_histogram_has_percentiles_a_line_for_each_replica_and_exemplars_that_lead_to_traces()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await ShopTelemetry.SendAsync(dashboard);
        var page = window.Page;
        await window.GoAsync(dashboard.LoginUrl);
        await window.GoToPageAsync("Metrics");
        await page.Locator(".tree a", new() { HasText = "shop.duration" }).ClickAsync();
        var legend = page.Locator("[data-chart=percentiles] .legend li");
        await Assertions.Expect(legend).ToHaveCountAsync(3);
        await Assertions.Expect(legend).ToContainTextAsync(["p50", "p90", "p99"]);
        await page.Locator("[data-choice=split]").SelectOptionAsync("resource");
        await Assertions.Expect(page.Locator("[data-chart=rate] .legend li")).ToHaveCountAsync(2);
        await page.Locator(".exemplars a").First.ClickAsync();
        await page.Locator("[data-table=waterfall]").WaitForAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"/traces/{ShopTelemetry.Trace}$"));
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
        await Assertions.Expect(lines.Locator(".who")).ToHaveTextAsync(["shop-aaaaa", "shop-bbbbb"]);
        await Assertions.Expect(lines.First.Locator(".ansi-green")).ToHaveTextAsync("info");

        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" }).FillAsync("BBBBB is");
        await Assertions.Expect(lines).ToHaveCountAsync(1);
        var saved = await page.RunAndWaitForDownloadAsync(() => page.Locator("fluent-button", new() { HasText = "Download" }).ClickAsync());
        Assert.Equal("shop.log", saved.SuggestedFilename);
        Assert.Equal("2026-01-02T03:04:06.000Z shop-bbbbb info: shop-bbbbb is up", await File.ReadAllTextAsync(await saved.PathAsync(), TestContext.Current.CancellationToken));
        Assert.Empty(window.Errors);
    }
}
