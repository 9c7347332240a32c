using System.Net;
using Gateway.Mesh;
using Istio.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Support;

/// <summary>The real gateway in this process, on a free port and a mesh folder of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestGateway(WebApplication app, TempFolder folder)
    {
        _app = app;
        Folder = folder;
        Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public int Port { get; }

    public TempFolder Folder { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestGateway> StartAsync(string yaml, Action<WebApplicationBuilder>? configure = null)
    {
        var folder = new TempFolder();
        folder.Write("mesh.yaml", yaml);
        return await StartAsync(folder, configure);
    }

    public static async Task<TestGateway> StartAsync(TempFolder folder, Action<WebApplicationBuilder>? configure = null)
    {
        var loader = new MeshLoader(folder.Path);
        var (snapshot, findings) = loader.Load();
        Assert.True(snapshot is not null, string.Join('\n', findings));
        var app = GatewayApplication.Build(loader, snapshot, ["http://127.0.0.1:0"], builder =>
        {
            builder.Logging.SetMinimumLevel(LogLevel.Error);
            configure?.Invoke(builder);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestGateway(app, folder);
    }

    public RawClient Connect() => new(Port, TestContext.Current.CancellationToken);

    public async Task<RawResponse> GetAsync(string target, string host = "localhost")
    {
        using var client = Connect();
        return await client.GetAsync(target, host);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
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
