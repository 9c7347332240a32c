using System.Collections.Concurrent;
using System.Reflection;
using Dashboard.Tests.Browser;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace Dashboard.Tests.Browser;

/// <summary>Debian's chromium, started once; where there is none the tests that need it are skipped.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    // In milliseconds. The bound only says that something is broken, whatever the machine does beside.
    private const float Patience = 60_000;

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A new window with cookies of its own.</summary>
    public async Task<Window> OpenAsync(int width = 1440, int height = 900, string language = "en-US", ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipUnless(File.Exists(Chromium), $"{Chromium} is absent: install Debian's package chromium to run the browser tests.");
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright ??= await Playwright.CreateAsync();
        _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments });
        var context = await _browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            Locale = language,
            ColorScheme = scheme,
            TimezoneId = "UTC",
        });
        context.SetDefaultTimeout(Patience);
        return new Window(await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

/// <summary>A page, and what it complains about.</summary>
public sealed class Window : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _errors = new();

    internal Window(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _errors.Enqueue($"{page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _errors.Enqueue($"{page.Url}: {error}");
    }

    public IPage Page { get; }

    /// <summary>What the browser's console shows: errors and warnings.</summary>
    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>Opens an address and waits until its page is interactive.</summary>
    public async Task GoAsync(Uri address)
    {
        await Page.GotoAsync(address.ToString());
        await LiveAsync();
    }

    /// <summary>Follows a way at the top of the page.</summary>
    public async Task GoToPageAsync(string name)
    {
        await Page.Locator(".ways").GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
        await Page.GetByRole(AriaRole.Heading, new() { Name = name, Level = 1 }).WaitForAsync();
    }

    /// <summary>What axe has against the page: labels, contrast and their like; nothing when it is in order.</summary>
    public async Task<string> ViolationsAsync()
    {
        var result = await Page.RunAxe();
        return string.Join('\n', result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}\n  {string.Join("\n  ", violation.Nodes.Take(3).Select(node =>
                $"{string.Join(" ", node.Target)} {node.Html} | {string.Join("; ", node.Any.Select(check => check.Message))}"))}"));
    }

    public Task LiveAsync() => Page.Locator(".frame[data-live=true]").WaitForAsync();

    /// <summary>
    /// Takes a picture of what is seen. With <c>ACCEPT=1</c> it is the documentation's new one: no two are alike, and a run of the tests
    /// leaves the sources as they are.
    /// </summary>
    public async Task SaveAsync(string name)
    {
        var picture = await Page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled });
        Assert.NotEmpty(picture);
        if (Environment.GetEnvironmentVariable("ACCEPT") == "1")
        {
            var folder = typeof(Window).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .First(each => each.Key == "screenshotspath").Value!;
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.png"), picture);
        }
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
