using System.Net.WebSockets;
using Dashboard.EngineLink;
using Dashboard.Resources;
using Dashboard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Dashboard.Tests.Engine;

public sealed class EngineLinkTests
{
    [Fact]
    public async Task An_engine_without_the_key_is_not_let_in()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await Assert.ThrowsAsync<WebSocketException>(() => TestEngine.ConnectAsync(dashboard, "guessed"));
        Assert.False(Store(dashboard).IsConnected);
    }

    [Fact]
    public async Task What_the_engine_tells_is_known_and_stays_known_when_it_goes()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await using (var engine = await TestEngine.ConnectAsync(dashboard))
        {
            await engine.TellAsync(TestEngine.Replica("ping", "bbbbb"));
            await engine.TellAsync(TestEngine.Replica("ping", "ccccc"));
            await engine.TellAsync(TestEngine.Replica("hidden", "ddddd") with { IsHidden = true });
            await engine.TellAsync(new ResourceRemoved("ping-bbbbb"));
            await engine.TellAsync(TestEngine.Replica("ping", "ccccc", "Stopping"));
            await Eventually.TrueAsync(() => Store(dashboard).Find("ping-ccccc")?.State == "Stopping", "the last message has come");
            Assert.Equal(["ping-ccccc"], Store(dashboard).All.Select(resource => resource.Id));
            Assert.True(Store(dashboard).IsConnected);
        }

        await Eventually.TrueAsync(() => !Store(dashboard).IsConnected, "the engine has gone");
        Assert.Equal(["ping-ccccc"], Store(dashboard).All.Select(resource => resource.Id));
    }

    [Fact]
    public async Task A_new_engine_starts_with_a_clean_sheet()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await using var first = await TestEngine.ConnectAsync(dashboard);
        await first.TellAsync(TestEngine.Replica("old", "bbbbb"));
        await Eventually.TrueAsync(() => Store(dashboard).All.Count == 1, "the first engine has told");

        await using var second = await TestEngine.ConnectAsync(dashboard);
        await second.TellAsync(TestEngine.Replica("new", "ccccc"));
        await Eventually.TrueAsync(
            () => Store(dashboard).All.Select(resource => resource.Id).SequenceEqual(["new-ccccc"]), "only the second one counts");
    }

    [Fact]
    public async Task A_log_is_asked_for_while_somebody_reads_it()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard);
        var logs = dashboard.Services.GetRequiredService<ConsoleLogs>();
        using var stop = new CancellationTokenSource();
        var read = ReadAsync(logs, stop);

        Assert.Equal(new WatchLog("ping-bbbbb"), await engine.AskedAsync());
        await engine.TellAsync(new LogWritten("ping-bbbbb", [new ConsoleLine(1, DateTime.UnixEpoch, "hello", IsError: false)]));
        Assert.Equal("hello", await read);
        Assert.Equal(new UnwatchLog("ping-bbbbb"), await engine.AskedAsync());
    }

    [Fact]
    public async Task A_command_goes_to_the_engine_and_its_end_comes_back()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await using var engine = await TestEngine.ConnectAsync(dashboard);
        var commands = dashboard.Services.GetRequiredService<Dashboard.EngineLink.Engine>();
        await engine.TellAsync(TestEngine.Replica("ping", "bbbbb"));
        await Eventually.TrueAsync(() => Store(dashboard).All.Count == 1, "the engine is there");

        var running = commands.RunAsync("ping-bbbbb", "stop", TestContext.Current.CancellationToken);
        var asked = Assert.IsType<RunCommand>(await engine.AskedAsync());
        Assert.Equal(("ping-bbbbb", "stop"), (asked.Resource, asked.Command));
        await engine.TellAsync(new CommandEnded(asked.Request, Success: false, "It would not stop.", null));
        Assert.Equal((false, "It would not stop."), await running is var ended ? (ended.Success, ended.Message) : default);
    }

    [Fact]
    public async Task A_command_that_nobody_can_carry_out_any_more_fails()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var commands = dashboard.Services.GetRequiredService<Dashboard.EngineLink.Engine>();
        Assert.False((await commands.RunAsync("ping", "stop", TestContext.Current.CancellationToken)).Success);

        var engine = await TestEngine.ConnectAsync(dashboard);
        await Eventually.TrueAsync(() => Store(dashboard).IsConnected, "the engine is there");
        var running = commands.RunAsync("ping", "stop", TestContext.Current.CancellationToken);
        await engine.AskedAsync();
        await engine.DisposeAsync();
        Assert.False((await running).Success);
    }

    private static ResourceStore Store(TestDashboard dashboard) => dashboard.Services.GetRequiredService<ResourceStore>();

    private static async Task<string> ReadAsync(ConsoleLogs logs, CancellationTokenSource stop)
    {
        await foreach (var lines in logs.WatchAsync("ping-bbbbb", stop.Token))
        {
            return lines[0].Text;
        }

        return "";
    }
}
