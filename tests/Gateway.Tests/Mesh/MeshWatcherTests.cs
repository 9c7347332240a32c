using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Mesh;

/// <summary>The mesh folder changes while the gateway serves.</summary>
public sealed class MeshWatcherTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Asks until the answer is as expected; a bound, not a speed.</summary>
    private static async Task UntilAsync(TestGateway gateway, string target, string expected)
    {
        using var client = gateway.Connect();
        for (var watch = Stopwatch.StartNew(); ;)
        {
            var response = await client.GetAsync(target);
            var actual = response.Status == 200 ? response.Body : $"{response.Status}";
            if (actual == expected)
            {
                return;
            }

            Assert.True(watch.Elapsed < Bound, $"{target}: {actual}, not {expected}");
        }
    }

    [Fact]
    public async Task Endpoints_come_and_go()
    {
        await using var a = RawUpstream.Echo("a");
        await using var b = RawUpstream.Echo("b");
        await using var gateway = await TestGateway.StartAsync(Documents.Join(Documents.SeedIngress, Documents.Service("gin-demo")));
        await UntilAsync(gateway, "/api/v1/x", "503");
        gateway.Folder.Write("a.yaml", Documents.Workload("gin-demo", a.Port));
        await UntilAsync(gateway, "/api/v1/x", "a /x");
        gateway.Folder.Replace("a.yaml", Documents.Workload("gin-demo", b.Port));
        await UntilAsync(gateway, "/api/v1/x", "b /x");
        File.Delete(Path.Combine(gateway.Folder.Path, "a.yaml"));
        await UntilAsync(gateway, "/api/v1/x", "503");
    }

    [Fact]
    public async Task A_bad_file_keeps_the_last_good_configuration_and_is_reported_with_its_line()
    {
        await using var a = RawUpstream.Echo("a");
        var log = new LogLines();
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(a.Port), builder => builder.Logging.AddProvider(log));
        gateway.Folder.Write("bad.yaml", Documents.Ingress(
            "bad", "bad", "nginx.ingress.kubernetes.io/use-regex: \"true\"", "ImplementationSpecific /x( gin-demo"));
        Assert.Contains("bad.yaml:12: error", await log.FirstAsync(text => text.Contains("GWY001")));
        await log.FirstAsync(text => text.Contains("the last good configuration stays in force"));
        Assert.Equal("a /ping", (await gateway.GetAsync("/api/v1/ping")).Body);

        gateway.Folder.Replace("bad.yaml", "spec: [unclosed");
        Assert.Contains("bad.yaml:2: error", await log.FirstAsync(text => text.Contains("YAML")));
        Assert.Equal("a /ping", (await gateway.GetAsync("/api/v1/ping")).Body);

        gateway.Folder.Replace("bad.yaml", Documents.Ingress("good", "", "", "Prefix /good gin-demo"));
        await UntilAsync(gateway, "/good", "a /good");
    }

    [Fact]
    public async Task A_mounted_ConfigMap_swaps_its_data_link()
    {
        await using var a = RawUpstream.Echo("a");
        await using var b = RawUpstream.Echo("b");
        var folder = new TempFolder();
        void Data(string name, int port)
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, name));
            folder.Write($"{name}/mesh.yaml", Documents.Seed(port));
            File.CreateSymbolicLink(Path.Combine(folder.Path, $"{name}.link"), name);

            // .NET does not rename a link to a folder over another one.
            using var rename = Process.Start("mv", ["-T", Path.Combine(folder.Path, $"{name}.link"), Path.Combine(folder.Path, "..data")]);
            rename.WaitForExit();
            Assert.Equal(0, rename.ExitCode);
        }

        Data("..1", a.Port);
        File.CreateSymbolicLink(Path.Combine(folder.Path, "mesh.yaml"), "..data/mesh.yaml");
        await using var gateway = await TestGateway.StartAsync(folder);
        await UntilAsync(gateway, "/api/v1/x", "a /x");
        Data("..2", b.Port);
        await UntilAsync(gateway, "/api/v1/x", "b /x");
    }

    [Fact]
    public async Task The_whole_folder_can_be_replaced()
    {
        await using var a = RawUpstream.Echo("a");
        await using var b = RawUpstream.Echo("b");
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(a.Port));
        using var next = new TempFolder();
        next.Write("mesh.yaml", Documents.Seed(b.Port));
        var old = gateway.Folder.Path + ".old";
        Directory.Move(gateway.Folder.Path, old);
        Directory.Move(next.Path, gateway.Folder.Path);
        Directory.Move(old, next.Path);
        await UntilAsync(gateway, "/api/v1/x", "b /x");

        // And it is the new folder that is watched from then on.
        gateway.Folder.Replace("mesh.yaml", Documents.Seed(a.Port));
        await UntilAsync(gateway, "/api/v1/x", "a /x");
    }

    [Fact]
    public async Task Reloads_under_load_fail_no_request()
    {
        await using var a = RawUpstream.Echo("a");
        await using var b = RawUpstream.Echo("b");
        await using var c = RawUpstream.Echo("c");
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(a.Port));
        using var done = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var client = gateway.Connect();
            while (!done.IsCancellationRequested)
            {
                var response = await client.GetAsync("/api/v1/ping");
                if (response.Status != 200 || !response.Body.EndsWith(" /ping", StringComparison.Ordinal))
                {
                    failures.Enqueue($"{response.Status} {response.Body}");
                }
            }
        }));
        int[][] endpoints = [[a.Port, b.Port], [b.Port, c.Port], [a.Port, b.Port, c.Port], [c.Port]];
        foreach (var (round, ports) in Enumerable.Repeat(endpoints, 3).SelectMany(rounds => rounds).Index())
        {
            var extra = Documents.Ingress("extra", "extra", "", $"Prefix /round{round} gin-demo");
            gateway.Folder.Replace("mesh.yaml", Documents.Join(Documents.Seed(ports), extra));
            using var client = gateway.Connect();
            for (var watch = Stopwatch.StartNew(); (await client.GetAsync($"/round{round}", "extra")).Status != 200;)
            {
                Assert.True(watch.Elapsed < Bound, $"round {round} was not loaded");
            }
        }

        await done.CancelAsync();
        await load;
        Assert.Empty(failures);
    }

    /// <summary>Log lines as they come.</summary>
    private sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly BlockingCollection<string> _lines = [];
        private readonly List<string> _seen = [];

        public async Task<string> FirstAsync(Predicate<string> matches) => await Task.Run(() =>
        {
            while (true)
            {
                var index = _seen.FindIndex(matches);
                if (index >= 0)
                {
                    return _seen[index];
                }

                Assert.True(_lines.TryTake(out var line, Bound), "The expected line was not logged.");
                _seen.Add(line!);
            }
        });

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Add(formatter(state, exception));

        public void Dispose() => _lines.Dispose();
    }
}
