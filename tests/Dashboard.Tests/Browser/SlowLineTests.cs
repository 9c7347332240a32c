using System.Text.RegularExpressions;
using Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser;

/// <summary>A reader is faster than the line to the server: what the server says late does not undo what the reader has done meanwhile.</summary>
public sealed class SlowLineTests(BrowserFixture browser)
{
    [Fact]
    public async Task A_search_that_ends_late_does_not_fetch_the_reader_back_from_the_page_gone_to()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        var page = window.Page;
        var line = await OpenTracesAsync(window, dashboard);
        var failed = page.Locator("[data-table=traces] tbody tr.failed");
        await Assertions.Expect(failed).ToHaveCountAsync(1);

        line.Hold();
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" }).FillAsync("/retried");
        await Eventually.TrueAsync(() => line.Holds("retried"), "the server has heard of the search");
        await failed.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"/traces/{ShopTelemetry.Trace}$"));
        line.Release();

        // A way to the server and back: whatever else was said before has been heard by then.
        await page.Locator("[data-table=waterfall] .span-name").First.ClickAsync();
        await Assertions.Expect(page.Locator(".detail")).ToContainTextAsync("URX");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"/traces/{ShopTelemetry.Trace}$"));
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task Two_choices_in_quick_succession_both_hold()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        var page = window.Page;
        var line = await OpenTracesAsync(window, dashboard);
        await Assertions.Expect(page.Locator("[data-table=traces] tbody tr")).ToHaveCountAsync(2);

        line.Hold();
        await page.GetByLabel("Errors only").CheckAsync();
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" }).FillAsync("fine & good");
        await Eventually.TrueAsync(() => line.Holds("good"), "the server has heard of both");
        line.Release();

        await Assertions.Expect(page.Locator("[data-table=traces] tbody tr")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" }).FillAsync("fine");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/traces\\?errors=true&text=fine$"));
        await page.GetByLabel("Errors only").UncheckAsync();
        await Assertions.Expect(page.Locator("[data-table=traces] tbody tr")).ToHaveCountAsync(1);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task What_is_typed_while_an_answer_is_on_its_way_stays()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        var page = window.Page;
        var line = await OpenTracesAsync(window, dashboard);
        await Assertions.Expect(page.Locator("[data-table=traces] tbody tr")).ToHaveCountAsync(2);
        var search = page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" });

        line.Hold();
        await search.PressSequentiallyAsync("/re");
        await Eventually.TrueAsync(() => line.Holds("/re"), "the server has heard the beginning");
        await search.PressSequentiallyAsync("tri");
        line.Release();

        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/traces\\?text=%2Fretri$"));
        await Assertions.Expect(search).ToHaveValueAsync("/retri");
        await search.PressSequentiallyAsync("ed");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/traces\\?text=%2Fretried$"));
        await Assertions.Expect(search).ToHaveValueAsync("/retried");
        Assert.Empty(window.Errors);
    }

    /// <summary>Opens the page of the traces; the line to the server can be held from the beginning.</summary>
    private static async Task<SlowLine> OpenTracesAsync(Window window, DashboardProcess dashboard)
    {
        await ShopTelemetry.SendAsync(dashboard);
        var line = await SlowLine.OfAsync(window.Page);
        await window.GoAsync(dashboard.LoginUrl);
        await window.GoToPageAsync("Traces");
        return line;
    }
}
