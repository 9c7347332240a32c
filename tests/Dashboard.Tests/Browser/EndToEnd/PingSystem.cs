using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dashboard.Tests.Browser.EndToEnd;

/// <summary>The real AppHost with its dashboard, on random ports.</summary>
public partial class PingSystem : IAsyncLifetime
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private DistributedApplication? _app;

    /// <summary>The command line of the AppHost.</summary>
    protected virtual string[] Arguments => [];

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The system has not been started.");

    public Uri Door => App.GetEndpoint("gateway", "http");

    public async ValueTask InitializeAsync()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            new DistributedApplicationTestingBuilderOptions { EnableDashboard = true }, Arguments, TestContext.Current.CancellationToken);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        _app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        await _app.StartAsync(TestContext.Current.CancellationToken);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", TestContext.Current.CancellationToken);
    }

    public Task<Uri> DashboardAsync() => App.GetDashboardUrlAsync(TestContext.Current.CancellationToken);

    /// <summary>The folder that the gateway follows.</summary>
    public async Task<string> MeshFolderAsync()
    {
        await foreach (var @event in App.ResourceNotifications.WatchAsync(TestContext.Current.CancellationToken))
        {
            if (@event.Snapshot.Properties.FirstOrDefault(property => property.Name == "mesh.folder")?.Value is string folder)
            {
                return folder;
            }
        }

        throw new InvalidOperationException("There is no mesh.");
    }

    /// <summary>Asks the gateway once and returns the instance that answered; null when the answer was an error.</summary>
    public Task<string?> InstanceAsync() => InstanceAsync(Door);

    /// <summary>Asks a door once.</summary>
    public async Task<string?> InstanceAsync(Uri door)
    {
        using var response = await _client.GetAsync(new Uri(door, "/api/v1/ping"), TestContext.Current.CancellationToken);
        return response.IsSuccessStatusCode
            ? PongAt().Match(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("message").GetString()!).Groups[1].Value
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _client.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    [GeneratedRegex(@"pong at (\S+)\n$")]
    private static partial Regex PongAt();
}

/// <summary>The real AppHost with a second version of the ping service.</summary>
public sealed class CanarySystem : PingSystem
{
    public Uri IstioDoor => App.GetEndpoint("gateway", "istio");

    protected override string[] Arguments => ["--Scenario=canary"];
}

/// <summary>The real AppHost in which things go wrong: one release of the ping service does not answer.</summary>
public sealed class ChaosSystem : PingSystem
{
    public Uri IstioDoor => App.GetEndpoint("gateway", "istio");

    protected override string[] Arguments => ["--Scenario=chaos"];
}
