using System.Diagnostics;
using System.Globalization;
using Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Dashboard.Tests.Browser.EndToEnd;

/// <summary>What a developer does with the dashboard, in a browser, with the real system running.</summary>
public sealed class SystemTests(PingSystem system, BrowserFixture browser) : IClassFixture<PingSystem>
{
    [Fact]
    public async Task A_day_with_the_dashboard()
    {
        await using var window = await browser.OpenAsync();
        var page = window.Page;

        // Sign in by the link; see three healthy replicas.
        await window.GoAsync(await system.DashboardAsync());
        var replicas = page.Locator("tr[data-replica^='ping-']");
        await Assertions.Expect(replicas.Locator(".state.good", new() { HasText = "Healthy" })).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator("tr[data-replica^='gateway-'] .state.good")).ToBeVisibleAsync();

        // Traffic, until each replica has answered.
        await SeeAnswerAsync(3);
        await Assertions.Expect(page.Locator(".telemetry tbody tr")).ToHaveCountAsync(4);
        await window.SaveAsync("resources");

        await FindTheTraceAsync(window);
        await SeeMetricsMoveAsync(window);
        await SeeTrafficAsync(window);
        await ReadTheConsoleAsync(window);
        await StopOneAsync(window);
        await ScaleToFiveAsync(window);
        Assert.Empty(window.Errors);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/?view=graph")]
    [InlineData("/console?id=ping")]
    [InlineData("/logs")]
    [InlineData("/traces")]
    [InlineData("/metrics?instrument=http.server.request.duration")]
    [InlineData("/traffic")]
    [InlineData("/api-docs")]
    public async Task A_page_has_labels_and_contrast_in_light_and_dark_and_says_nothing_to_the_console(string path)
    {
        await TalkAsync(5);
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await using var window = await browser.OpenAsync(scheme: scheme);
            var login = await system.DashboardAsync();
            await window.GoAsync(login);
            await window.GoAsync(new Uri(login, path));
            var violations = await window.ViolationsAsync();
            Assert.True(violations.Length == 0, $"{path} {scheme}\n{violations}");
            Assert.Empty(window.Errors);
        }
    }

    [Fact]
    public async Task What_explain_says_is_what_the_gateway_answers()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync(await system.DashboardAsync());
        await window.GoToPageAsync("Traffic");
        var page = window.Page;
        var choice = page.GetByLabel("Gateway", new() { Exact = true });
        await Assertions.Expect(choice.Locator("option")).ToHaveCountAsync(2);
        foreach (var door in await choice.Locator("option").AllTextContentsAsync())
        {
            foreach (var (path, status, sentTo) in new[]
            {
                ("/api/v1/ping?a=b", "200", "/ping?a=b"), ("/api/v1/no-such-thing", "404", "/no-such-thing"), ("/api/v2/ping", "404", null),
            })
            {
                await choice.SelectOptionAsync(door);
                await page.GetByLabel("Path", new() { Exact = true }).FillAsync(path);
                await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
                var why = page.Locator("[data-explanation]");
                await Assertions.Expect(why).ToContainTextAsync($"GET {path} for localhost:");
                await Assertions.Expect(page.Locator("[data-status]")).ToContainTextAsync(status);
                var text = await why.TextContentAsync() ?? "";
                Assert.Equal(sentTo is null, text.Contains($"answers      {status}", StringComparison.Ordinal));
                if (sentTo is not null)
                {
                    Assert.Contains(sentTo, text.Replace(path, "", StringComparison.Ordinal), StringComparison.Ordinal);
                }
            }
        }

        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task The_APIs_of_the_services_are_in_one_place_and_can_be_called_through_the_gateway()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync(await system.DashboardAsync());
        await window.GoToPageAsync("API docs");
        var api = window.Page.Locator("[data-api=ping]");
        await api.Locator(".operation summary", new() { HasText = "/ping" }).First.ClickAsync();
        await api.GetByRole(AriaRole.Button, new() { Name = "Through the gateway" }).First.ClickAsync();
        var answer = api.Locator(".operation pre").First;
        await Assertions.Expect(answer).ToContainTextAsync("/api/v1/ping\n200 OK");
        await Assertions.Expect(answer).ToContainTextAsync("pong at ping-");
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task It_speaks_Chinese_and_fits_a_narrow_screen()
    {
        await using var window = await browser.OpenAsync(width: 390, height: 844, language: "zh-CN", scheme: ColorScheme.Dark);
        await window.GoAsync(await system.DashboardAsync());
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("资源");
        await Assertions.Expect(window.Page.Locator("tr[data-replica^='ping-']").First).ToBeVisibleAsync();
        var over = await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(over <= 0, string.Create(CultureInfo.InvariantCulture, $"the page is {over} pixels wider than the screen"));
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task The_keyboard_reaches_the_commands()
    {
        await using var window = await browser.OpenAsync();
        await window.GoAsync(await system.DashboardAsync());
        await window.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(window.Page.Locator(".skip")).ToBeFocusedAsync();
        var reached = "";
        for (var i = 0; i < 60 && reached != "stop"; i++)
        {
            await window.Page.Keyboard.PressAsync("Tab");
            reached = await window.Page.EvaluateAsync<string>("document.activeElement?.getAttribute('data-command') ?? ''");
        }

        Assert.Equal("stop", reached);
    }

    private static async Task FindTheTraceAsync(Window window)
    {
        await window.GoToPageAsync("Traces");
        var both = window.Page.Locator("[data-table=traces] tbody tr").Filter(new() { HasText = "gateway-" }).Filter(new() { HasText = "ping-" });
        await both.First.WaitForAsync();
        await window.SaveAsync("traces");
        await both.First.GetByRole(AriaRole.Link).First.ClickAsync();
        var waterfall = window.Page.Locator("[data-table=waterfall]");
        await Assertions.Expect(waterfall.Locator("tr[data-span^='gateway-']").First).ToBeVisibleAsync();
        await Assertions.Expect(waterfall.Locator("tr[data-span^='ping-']").First).ToBeVisibleAsync();
        await Assertions.Expect(waterfall.Locator("tr[data-span^='ping-']").First).ToHaveAttributeAsync("data-depth", "1");
        await waterfall.Locator("tr[data-span^='ping-'] .span-name").First.ClickAsync();
        await Assertions.Expect(window.Page.Locator(".detail")).ToContainTextAsync("http.response.status_code");
        await window.SaveAsync("trace");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Logs of this trace" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Heading, new() { Name = "Structured logs" }).WaitForAsync();
        await Assertions.Expect(window.Page.Locator(".chip")).ToBeVisibleAsync();
        await window.Page.Locator(".chip").ClickAsync();
        await Assertions.Expect(window.Page.Locator("[data-table=logs] tbody tr").First).ToBeVisibleAsync();
        await window.SaveAsync("logs");
    }

    private async Task SeeMetricsMoveAsync(Window window)
    {
        await window.GoToPageAsync("Metrics");
        await window.Page.Locator(".tree a", new() { HasText = "http.server.request.duration" }).First.ClickAsync();
        await window.Page.Locator("[data-choice=split]").SelectOptionAsync("resource");
        var lines = window.Page.Locator("[data-chart=rate] polyline");
        await lines.First.WaitForAsync();
        var before = await PointsAsync();
        await TalkAsync(30);
        await Eventually.TrueAsync(async () => await PointsAsync() != before, "the chart moves");
        await window.SaveAsync("metrics");

        async Task<string> PointsAsync() => string.Join('|', await lines.EvaluateAllAsync<string[]>("all => all.map(line => line.getAttribute('points'))"));
    }

    private async Task SeeTrafficAsync(Window window)
    {
        await window.GoToPageAsync("Traffic");
        await Assertions.Expect(window.Page.Locator("[data-node^='ping-'][data-live=true]")).ToHaveCountAsync(3);
        await Assertions.Expect(window.Page.Locator("[data-rule=Ingress]")).ToContainTextAsync("/api/v1(/|$)(.*)");
        await window.Page.GetByLabel("Path", new() { Exact = true }).FillAsync("/api/v1/ping");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator("[data-answer]")).ToContainTextAsync("pong at ping-");
        await Eventually.TrueAsync(
            async () =>
            {
                await TalkAsync(10);
                return (await window.Page.Locator(".topology .flow-text").AllTextContentsAsync()).Any(text => text.Contains("req/s", StringComparison.Ordinal));
            },
            "the picture shows the traffic");
        await window.SaveAsync("traffic");
    }

    private static async Task ReadTheConsoleAsync(Window window)
    {
        await window.GoToPageAsync("Console");
        await window.Page.Locator("[data-choice=resource]").SelectOptionAsync("ping");
        await Assertions.Expect(window.Page.Locator(".terminal .line").Filter(new() { HasText = "Now listening on" })).ToHaveCountAsync(3);
        await window.SaveAsync("console");
    }

    private async Task StopOneAsync(Window window)
    {
        await window.GoToPageAsync("Resources");
        var row = window.Page.Locator("tr[data-replica^='ping-']").First;
        var id = await row.GetAttributeAsync("data-replica");
        await row.Locator("[data-command=stop]").ClickAsync();
        await window.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true }).ClickAsync();
        var stopped = window.Page.Locator($"tr[data-replica='{id}']");
        await Assertions.Expect(stopped).ToContainTextAsync("Exited");
        var seen = await TalkAsync(20);
        Assert.DoesNotContain(id!, seen);
        await stopped.Locator("[data-command=start]").ClickAsync();
        await Assertions.Expect(stopped).ToContainTextAsync("Healthy");
    }

    private async Task ScaleToFiveAsync(Window window)
    {
        var more = window.Page.Locator("[data-scale=ping]").GetByRole(AriaRole.Button, new() { Name = "Add a replica" });
        var folder = await system.MeshFolderAsync();
        for (var count = 4; count <= 5; count++)
        {
            await more.ClickAsync();
            await EndpointsAsync(folder, count);
            var listed = Stopwatch.GetTimestamp();
            await SeeAnswerAsync(count);
            Say($"from the endpoint in the folder to {count} instances that have answered {Stopwatch.GetElapsedTime(listed).TotalMilliseconds:0} ms");
            await Assertions.Expect(window.Page.Locator("[data-scale=ping] .count")).ToHaveTextAsync($"{count}");
        }

        await Assertions.Expect(window.Page.Locator("tr[data-replica^='ping-'] .state.good", new() { HasText = "Healthy" })).ToHaveCountAsync(5);
        await window.SaveAsync("scaled");
        for (var count = 4; count >= 3; count--)
        {
            var asked = Stopwatch.GetTimestamp();
            await window.Page.Locator("[data-scale=ping]").GetByRole(AriaRole.Button, new() { Name = "Remove a replica" }).ClickAsync();
            await EndpointsAsync(folder, count);
            Say($"from the click to {count} endpoints in the folder {Stopwatch.GetElapsedTime(asked).TotalMilliseconds:0} ms");
            await Assertions.Expect(window.Page.Locator("[data-scale=ping] .count")).ToHaveTextAsync($"{count}");
        }

        await Assertions.Expect(window.Page.Locator("tr[data-replica^='ping-']")).ToHaveCountAsync(3);
    }

    private static Task EndpointsAsync(string folder, int count) => Eventually.TrueAsync(
        () => Directory.GetFiles(folder, "workloadentry-ping-*.yaml").Length == count, $"there are {count} endpoints in the folder");

    private static void Say(FormattableString text) =>
        TestContext.Current.TestOutputHelper?.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private async Task SeeAnswerAsync(int instances)
    {
        var seen = new HashSet<string>();
        await Eventually.TrueAsync(
            async () =>
            {
                seen.UnionWith(await TalkAsync(5));
                return seen.Count == instances;
            },
            $"{instances} instances answer");
    }

    private async Task<HashSet<string>> TalkAsync(int requests)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < requests; i++)
        {
            if (await system.InstanceAsync() is { } instance)
            {
                seen.Add(instance);
            }
        }

        return seen;
    }
}
