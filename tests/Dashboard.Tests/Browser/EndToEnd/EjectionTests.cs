using Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser.EndToEnd;

/// <summary>The picture shows what the gateway's outlier detection does.</summary>
public sealed class EjectionTests(ChaosSystem system, BrowserFixture browser) : IClassFixture<ChaosSystem>
{
    [Fact]
    public async Task An_endpoint_that_does_not_answer_is_shown_as_ejected_with_the_time_it_stays_out()
    {
        await using var window = await browser.OpenAsync(height: 1100);
        await window.GoAsync(await system.DashboardAsync());
        await window.GoToPageAsync("Traffic");
        await Assertions.Expect(window.Page.Locator("[data-node^='ping-broken-']")).ToBeVisibleAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                for (var i = 0; i < 20; i++)
                {
                    await system.InstanceAsync(system.IstioDoor);
                }

                return (await window.Page.Locator("[data-node^='ping-broken-']").TextContentAsync())!.Contains("left", StringComparison.Ordinal);
            },
            "the broken release is ejected");
        await window.SaveAsync("ejection");
        Assert.Empty(window.Errors);
    }
}
