using System.Diagnostics;
using Gateway.Clusters;
using Gateway.Listening;
using Gateway.Mesh;
using Gateway.Registry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Support;

/// <summary>The real gateway in this process, on free ports and a mesh folder of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MeshLoader _loader;

    private TestGateway(WebApplication app, MeshLoader loader, TempFolder folder)
    {
        (_app, _loader, Folder) = (app, loader, folder);
    }

    /// <summary>The Ingress door's port.</summary>
    public int Port => PortOf("ingress-0");

    /// <summary>The Istio door's port.</summary>
    public int IstioPort => PortOf("istio-0");

    public TempFolder Folder { get; }

    public IServiceProvider Services => _app.Services;

    public MeshSnapshot Snapshot => Services.GetRequiredService<MeshState>().Current;

    public static async Task<TestGateway> StartAsync(
        string yaml, Action<WebApplicationBuilder>? configure = null, TimeProvider? time = null, Random? random = null,
        DoorOptions? doors = null)
    {
        var folder = new TempFolder();
        folder.Write("mesh.yaml", yaml);
        return await StartAsync(folder, configure, time, random, doors);
    }

    public static async Task<TestGateway> StartAsync(
        TempFolder folder, Action<WebApplicationBuilder>? configure = null, TimeProvider? time = null, Random? random = null,
        DoorOptions? doors = null, EndpointNames? names = null)
    {
        doors ??= new DoorOptions();
        doors = doors with { Urls = ["http://127.0.0.1:0"] };
        var loader = new MeshLoader(folder.Path, doors, time, random, names: names);
        var (snapshot, findings) = loader.Load();
        Assert.True(snapshot is not null, string.Join('\n', findings));
        var app = GatewayApplication.Build(loader, snapshot, doors, builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Error);
            if (time is not null)
            {
                builder.Services.AddSingleton(time);
            }

            if (random is not null)
            {
                builder.Services.AddSingleton(random);
            }

            configure?.Invoke(builder);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestGateway(app, loader, folder);
    }

    /// <summary>Starts it with an Istio door.</summary>
    public static Task<TestGateway> StartIstioAsync(string yaml, TimeProvider? time = null, Random? random = null) =>
        StartAsync(yaml, null, time, random, new DoorOptions { IstioDoors = [new(null, "http://127.0.0.1:0")] });

    public int PortOf(string listener) => Services.GetRequiredService<DoorListeners>().PortOf(listener);

    public RawClient Connect() => new(Port, TestContext.Current.CancellationToken);

    public RawClient ConnectIstio() => new(IstioPort, TestContext.Current.CancellationToken);

    public async Task<RawResponse> GetAsync(string target, string host = "localhost")
    {
        using var client = Connect();
        return await client.GetAsync(target, host);
    }

    public async Task<RawResponse> GetIstioAsync(string target, string host = "localhost", string headers = "")
    {
        using var client = ConnectIstio();
        return await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var watch = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), "It has not become so.");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Waits until no request is under way: a client has its answer a moment before the gateway has done with the request.
    /// </summary>
    public Task UntilIdleAsync() => UntilAsync(() => Snapshot.Proxies.Clusters.SelectMany(pair => pair.Clusters.All).All(IsIdle));

    private static bool IsIdle(Cluster cluster) =>
        cluster.Limits is { Requests.Count: 0, PendingRequests.Count: 0, Retries.Count: 0 }
        && cluster.Hosts.All(host => host.ActiveRequests == 0);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _loader.Dispose();
        Folder.Dispose();
    }
}

/// <summary>A folder that goes away with its test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gateway-").FullName;

    public void Write(string name, string text) => File.WriteAllText(System.IO.Path.Combine(Path, name), text);

    /// <summary>Replaces a file as careful writers do: by renaming a finished one over it.</summary>
    public void Replace(string name, string text)
    {
        var temporary = System.IO.Path.Combine(Path, $".{name}.tmp");
        File.WriteAllText(temporary, text);
        File.Move(temporary, System.IO.Path.Combine(Path, name), overwrite: true);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
