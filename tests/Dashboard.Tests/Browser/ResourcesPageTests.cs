using Dashboard.EngineLink;
using Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser;

/// <summary>The page of the resources follows what the engine tells, in whatever order that comes.</summary>
public sealed class ResourcesPageTests(BrowserFixture browser)
{
    private static readonly CommandInfo Start = new("start", "Start", null, null, IsEnabled: true, IsHighlighted: true);
    private static readonly CommandInfo Stop = new("stop", "Stop", null, null, IsEnabled: true, IsHighlighted: true);
    private static readonly CommandInfo Restart = new("restart", "Restart", null, null, IsEnabled: true, IsHighlighted: false);

    private static ResourceInfo Running => TestEngine.Replica("shop", "aaaaa") with { Commands = [Stop, Restart] };

    private static ResourceInfo Exited =>
        Running with { State = "Exited", StateStyle = null, Health = null, Commands = [Start, Restart with { IsEnabled = false }] };

    [Fact]
    public async Task What_can_be_asked_of_a_replica_follows_its_state_though_the_command_ends_before_the_state_is_told()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard.LoginUrl);
        await engine.TellAsync(Running);
        await window.GoAsync(dashboard.LoginUrl);

        var row = window.Page.Locator("tr[data-replica=shop-aaaaa]");
        await row.Locator("[data-command=stop]").ClickAsync();
        await window.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync();
        var asked = Assert.IsType<RunCommand>(await engine.AskedAsync());
        await engine.TellAsync(new CommandEnded(asked.Request, Success: true, null, null));
        await Assertions.Expect(row.Locator(".result.good")).ToBeVisibleAsync();
        await engine.TellAsync(Exited);
        await Assertions.Expect(row).ToContainTextAsync("Exited");
        await Assertions.Expect(row.Locator("[data-command=start]")).ToBeEnabledAsync();
        await Assertions.Expect(row.Locator("[data-command=stop]")).ToHaveCountAsync(0);

        // Somebody else starts it again.
        await engine.TellAsync(Running);
        await Assertions.Expect(row.Locator("[data-command=stop]")).ToBeEnabledAsync();
        await Assertions.Expect(row.Locator("[data-command=start]")).ToHaveCountAsync(0);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task The_number_of_replicas_follows_whoever_scales()
    {
        var scalable = Running with { Commands = [new CommandInfo("scale-up", "Add a replica", null, null, IsEnabled: true, IsHighlighted: false)] };
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard.LoginUrl);
        await engine.TellAsync(scalable);
        await window.GoAsync(dashboard.LoginUrl);
        var count = window.Page.Locator("[data-scale=shop] .count");
        await Assertions.Expect(count).ToHaveTextAsync("1");
        await engine.TellAsync(scalable with { Id = "shop-bbbbb" });
        await Assertions.Expect(count).ToHaveTextAsync("2");

        // What the filter hides is there all the same.
        await window.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Filter" }).FillAsync("bbbbb");
        await Assertions.Expect(window.Page.Locator("tr[data-replica]")).ToHaveCountAsync(1);
        await Assertions.Expect(count).ToHaveTextAsync("2");
        await engine.TellAsync(new ResourceRemoved("shop-aaaaa"));
        await Assertions.Expect(count).ToHaveTextAsync("1");
        Assert.Empty(window.Errors);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task What_cannot_be_asked_at_the_moment_can_be_read_all_the_same(ColorScheme scheme)
    {
        await using var window = await browser.OpenAsync(scheme: scheme);
        await using var dashboard = await DashboardProcess.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard.LoginUrl);
        await engine.TellAsync(Exited with { Commands = [Start with { IsEnabled = false }, Restart with { IsEnabled = false }] });
        await window.GoAsync(dashboard.LoginUrl);
        await Assertions.Expect(window.Page.Locator("[data-command=start]")).ToBeDisabledAsync();
        await Assertions.Expect(window.Page.Locator("[data-command=restart]")).ToHaveAttributeAsync("aria-disabled", "true");
        Assert.Equal("", await window.ViolationsAsync());

        // Axe leaves out what is disabled; its colour is that of other secondary text, when it has faded to it.
        await window.Page.WaitForFunctionAsync(
            """
            () => new Set(['[data-command=start]', '[data-command=restart]', 'thead th']
                .map(each => getComputedStyle(document.querySelector(each)).color)).size === 1
            """);
        Assert.Empty(window.Errors);
    }
}
