using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Hosting.Embedded.Tests.Logging;

public sealed class ResourceLoggerTests : IDisposable
{
    private readonly ResourceLoggerService _logs = new() { TimeProvider = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)) };

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Lines_have_a_number_and_the_time()
    {
        _logs.AddLine("ping", "out", isError: false);
        _logs.GetLogger("ping").Log(LogLevel.Error, default, "what 1", new FormatException("why"), static (text, _) => text);
        var lines = await SingleAsync(_logs.GetAllAsync("ping"));
        Assert.Equal(new LogLine(1, "2026-01-02T03:04:05.000Z out", IsErrorMessage: false), lines[0]);
        Assert.Equal((2, true), (lines[1].LineNumber, lines[1].IsErrorMessage));
        Assert.StartsWith($"2026-01-02T03:04:05.000Z what 1{Environment.NewLine}System.FormatException: " +
            "why", lines[1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watcher_sees_old_and_new_lines_until_the_log_is_completed()
    {
        _logs.AddLine("ping", "old", isError: false);
        var seen = new List<string>();
        await foreach (var lines in _logs.WatchAsync("ping"))
        {
            foreach (var line in lines)
            {
                seen.Add(line.Content[25..]);
                if (seen.Count == 1)
                {
                    _logs.AddLine("ping", "new", isError: true);
                    _logs.Complete("ping");
                    _logs.AddLine("ping", "too late", isError: true);
                }
            }
        }

        Assert.Equal(["old", "new"], seen);
    }

    [Fact]
    public async Task What_is_logged_of_a_resource_goes_to_each_replica()
    {
        var ping = new CustomResource("ping");
        var logger = _logs.GetLogger(ping);
        ping.Annotations.Add(new ReplicaNamesAnnotation(["ping-a", "ping-b"]));
        logger.Log(LogLevel.Information, default, "to all", exception: null, static (text, _) => text);
        Assert.Equal(["to all", "to all"], (await ListAsync(_logs.GetAllAsync(ping))).Select(l => l.Content[25..]));
        Assert.Single(await SingleAsync(_logs.GetAllAsync("ping-b")));
        _logs.Complete(ping);
        Assert.Equal(2, (await ListAsync(_logs.WatchAsync(ping))).Count);
    }

    [Fact]
    public async Task The_last_ten_thousand_lines_are_kept()
    {
        for (var i = 0; i < 10_001; i++)
        {
            _logs.AddLine("ping", "x", isError: false);
        }

        var lines = await SingleAsync(_logs.GetAllAsync("ping"));
        Assert.Equal((10_000, 2, 10_001), (lines.Count, lines[0].LineNumber, lines[^1].LineNumber));
        _logs.ClearBacklog("ping");
        Assert.Empty(await SingleAsync(_logs.GetAllAsync("ping")));
    }

    [Fact]
    public async Task Whether_a_log_is_watched_is_told()
    {
        var token = TestContext.Current.CancellationToken;
        await using var changes = _logs.WatchAnySubscribersAsync(token).GetAsyncEnumerator(token);
        _logs.AddLine("ping", "x", isError: false);
        var first = changes.MoveNextAsync();
        await using (var watcher = _logs.WatchAsync("ping").GetAsyncEnumerator(token))
        {
            await watcher.MoveNextAsync();
            Assert.True(await first);
            Assert.Equal(new LogSubscriber("ping", AnySubscribers: true), changes.Current);
        }

        Assert.True(await changes.MoveNextAsync());
        Assert.Equal(new LogSubscriber("ping", AnySubscribers: false), changes.Current);
    }

    private static async Task<IReadOnlyList<LogLine>> SingleAsync(IAsyncEnumerable<IReadOnlyList<LogLine>> source) =>
        await ListAsync(source);

    private static async Task<List<LogLine>> ListAsync(IAsyncEnumerable<IReadOnlyList<LogLine>> source)
    {
        var all = new List<LogLine>();
        await foreach (var lines in source)
        {
            all.AddRange(lines);
        }

        return all;
    }
}
