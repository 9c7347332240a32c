using Dashboard.EngineLink;
using Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser;

/// <summary>The controls of the traffic page act on the folder that the gateway follows.</summary>
public sealed class TrafficPageTests(BrowserFixture browser)
{
    [Fact]
    public async Task The_slider_moves_the_canary_a_switch_injects_a_fault_and_both_can_be_undone()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        using var mesh = new TestMesh();
        await using var engine = await TestEngine.ConnectAsync(dashboard.LoginUrl);
        await mesh.TellAsync(engine);
        await window.GoAsync(dashboard.LoginUrl);
        await window.GoToPageAsync("Traffic");
        await Assertions.Expect(window.Page.Locator("[data-node]")).ToHaveCountAsync(3);
        await Assertions.Expect(window.Page.Locator("[data-rule=VirtualService]")).ToContainTextAsync("ping v1 90% · ping v2 10%");

        await window.Page.GetByLabel("Weight ping v2").FillAsync("50");
        await Eventually.TrueAsync(() => mesh.Rules.Split("weight: 50").Length == 3, "both weights are 50");
        await Assertions.Expect(window.Page.Locator("[data-rule=VirtualService]")).ToContainTextAsync("ping v1 50% · ping v2 50%");

        await window.Page.GetByLabel("Inject a fault").CheckAsync();
        await Eventually.TrueAsync(() => mesh.Rules.Contains("httpStatus: 503", StringComparison.Ordinal), "the fault is in the file");
        await Assertions.Expect(window.Page.Locator("[data-rule=VirtualService]")).ToContainTextAsync("50% aborted with 503");

        await window.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        foreach (var (choice, expected) in new[] { ("Copy changes as YAML", "httpStatus: 503"), ("Copy changes as C#", "HttpStatus = 503") })
        {
            await window.Page.Locator("fluent-button", new() { HasText = choice }).ClickAsync();
            await Eventually.TrueAsync(
                async () => (await window.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).Contains(expected, StringComparison.Ordinal), choice);
        }

        var undo = window.Page.Locator("fluent-button", new() { HasText = "Undo" });
        await undo.ClickAsync();
        await Eventually.TrueAsync(() => !mesh.Rules.Contains("fault", StringComparison.Ordinal), "the fault is gone");
        await undo.ClickAsync();
        await Eventually.TrueAsync(() => mesh.Rules.Contains("weight: 90", StringComparison.Ordinal), "the weights are as before");
        await Assertions.Expect(undo).ToBeHiddenAsync();
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task Who_is_not_signed_in_pastes_the_token()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await window.Page.GotoAsync(new Uri(dashboard.LoginUrl, "/traces").ToString());
        await window.Page.GetByLabel("Token").FillAsync("guessed");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await window.Page.GetByLabel("Token").FillAsync(TestDashboard.BrowserToken);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await window.LiveAsync();
        await Assertions.Expect(window.Page).ToHaveURLAsync(new Uri(dashboard.LoginUrl, "/traces").ToString());
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Traces");
    }

    [Fact]
    public async Task Secrets_are_masked_and_a_command_tells_how_it_ended()
    {
        await using var window = await browser.OpenAsync();
        await using var dashboard = await DashboardProcess.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard.LoginUrl);
        await engine.TellAsync(TestEngine.Replica("shop", "bbbbb") with
        {
            Environment = [new ValueInfo("SHOP_PASSWORD", null, IsSecret: true), new ValueInfo("SHOP_MODE", "demo")],
            Commands = [new CommandInfo("seed-data", "Seed data", null, "Overwrite all data?", IsEnabled: true, IsHighlighted: true)],
        });
        await window.GoAsync(dashboard.LoginUrl);
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "shop-bbbbb" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator(".detail")).ToContainTextAsync("●●●●●●●●");
        await Assertions.Expect(window.Page.Locator(".detail")).ToContainTextAsync("demo");

        await window.Page.Locator("[data-command=seed-data]").ClickAsync();
        var question = window.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(question).ToContainTextAsync("Overwrite all data?");
        await window.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(question).ToBeHiddenAsync();

        await window.Page.Locator("[data-command=seed-data]").ClickAsync();
        await question.GetByRole(AriaRole.Button, new() { Name = "Seed data" }).ClickAsync();
        var asked = Assert.IsType<RunCommand>(await engine.AskedAsync());
        await engine.TellAsync(new CommandEnded(asked.Request, Success: false, "The disk is full.", null));
        await Assertions.Expect(window.Page.Locator(".result.bad")).ToContainTextAsync("The disk is full.");
        Assert.Empty(window.Errors);
    }
}
