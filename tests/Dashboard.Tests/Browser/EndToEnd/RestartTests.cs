using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser.EndToEnd;

/// <summary>The application does not need its dashboard, and gets it back.</summary>
public sealed class RestartTests(PingSystem system, BrowserFixture browser) : IClassFixture<PingSystem>
{
    private const string Dashboard = "aspire-dashboard";

    [Fact]
    public async Task A_dashboard_that_is_killed_comes_back_and_the_browser_with_it()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync(await system.DashboardAsync());
        await Assertions.Expect(window.Page.Locator("tr[data-replica^='ping-']")).ToHaveCountAsync(3);
        var before = await ProcessIdAsync(_ => true);

        await window.Page.EvaluateAsync("document.documentElement.dataset.old = 'true'");

        using (var process = Process.GetProcessById(before))
        {
            process.Kill();
        }

        Assert.NotNull(await system.InstanceAsync());
        var after = await ProcessIdAsync(id => id != before);
        Assert.NotEqual(before, after);
        await system.DashboardAsync();

        // The page finds its way back by itself: still signed in, with what runs and with new telemetry, which the services send on.
        var fresh = window.Page.Locator("html:not([data-old]) .frame[data-live=true]");
        await fresh.WaitForAsync(new() { Timeout = 180_000 });
        await Assertions.Expect(fresh.Locator("tr[data-replica^='ping-'] .state.good")).ToHaveCountAsync(3);
        await Assertions.Expect(fresh.Locator(".telemetry tbody tr").Nth(1)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_dashboard_takes_less_than_200_MB_while_it_is_looked_at()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync(await system.DashboardAsync());
        for (var i = 0; i < 500; i++)
        {
            await system.InstanceAsync();
        }

        foreach (var page in (string[])["Traces", "Structured logs", "Metrics", "Traffic", "Resources"])
        {
            await window.GoToPageAsync(page);
        }

        using var process = Process.GetProcessById(await ProcessIdAsync(_ => true));
        Assert.True(process.WorkingSet64 < 200L * 1024 * 1024, $"{process.WorkingSet64 / (1024 * 1024)} MB");
    }

    private async Task<int> ProcessIdAsync(Func<int, bool> condition)
    {
        var id = 0;
        await system.App.ResourceNotifications.WaitForResourceAsync(
            Dashboard,
            @event => @event.Snapshot.State?.Text == KnownResourceStates.Running
                && @event.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is int found
                && condition(id = found),
            TestContext.Current.CancellationToken);
        return id;
    }
}
