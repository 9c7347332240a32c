using System.Diagnostics;
using Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser.EndToEnd;

/// <summary>The traffic page acts on the running mesh: what is moved there, requests follow.</summary>
public sealed class CanaryTests(CanarySystem system, BrowserFixture browser) : IClassFixture<CanarySystem>
{
    private const int Requests = 200;

    [Fact]
    public async Task The_split_follows_the_slider_within_a_second_and_a_fault_is_seen_in_the_picture()
    {
        await system.App.ResourceNotifications.WaitForResourceHealthyAsync("ping-v2", TestContext.Current.CancellationToken);
        await using var window = await browser.OpenAsync(height: 1100);
        await window.GoAsync(await system.DashboardAsync());
        await window.GoToPageAsync("Traffic");
        await Assertions.Expect(window.Page.Locator("[data-node][data-live=true]")).ToHaveCountAsync(4);
        Assert.InRange(await CanariesAsync(), 1, Requests / 4); // a tenth

        await window.Page.GetByLabel("Weight ping v2").FillAsync("50");
        var moved = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(async () => await BurstAsync(20) >= 4, "the split follows");
        TestContext.Current.TestOutputHelper?.WriteLine($"the split followed within {Stopwatch.GetElapsedTime(moved).TotalMilliseconds:0} ms");
        Assert.InRange(await CanariesAsync(), Requests * 3 / 10, Requests * 7 / 10); // a half

        await window.Page.Locator("[data-route=ping]").Last.GetByLabel("Inject a fault").CheckAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await BurstAsync(20);
                return (await window.Page.Locator(".topology .node-kind").AllTextContentsAsync())
                    .Any(text => text.Contains("errors", StringComparison.Ordinal));
            },
            "the error share is in the picture");
        await window.SaveAsync("canary");

        var undo = window.Page.Locator("fluent-button", new() { HasText = "Undo" });
        await undo.ClickAsync();
        await Assertions.Expect(window.Page.Locator("[data-rule=VirtualService]")).Not.ToContainTextAsync("aborted");
        await Eventually.TrueAsync(async () => await ErrorsAsync(20) == 0, "no request is aborted any more");
        Assert.Empty(window.Errors);
    }

    private Task<int> CanariesAsync() => BurstAsync(Requests);

    private async Task<int> BurstAsync(int requests)
    {
        var canaries = 0;
        for (var i = 0; i < requests; i++)
        {
            canaries += (await system.InstanceAsync(system.IstioDoor))?.StartsWith("ping-v2-", StringComparison.Ordinal) == true ? 1 : 0;
        }

        return canaries;
    }

    private async Task<int> ErrorsAsync(int requests)
    {
        var errors = 0;
        for (var i = 0; i < requests; i++)
        {
            errors += await system.InstanceAsync(system.IstioDoor) is null ? 1 : 0;
        }

        return errors;
    }
}
