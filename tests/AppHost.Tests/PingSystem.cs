using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AppHost.Tests;

/// <summary>The real AppHost, started once on random ports for all tests that do not need one of their own.</summary>
public sealed partial class PingSystem : IAsyncLifetime
{
    /// <summary>No client-side retries: a test that counts requests must see each one.</summary>
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });

    private DistributedApplication? _app;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The system has not been started.");

    /// <summary>The Ingress door.</summary>
    public Uri Door => App.GetEndpoint("gateway", "http");

    /// <summary>The Istio door.</summary>
    public Uri IstioDoor => App.GetEndpoint("gateway", "istio");

    /// <summary>The NodePort door.</summary>
    public Uri NodePort => App.GetEndpoint("ping", "http");

    public async ValueTask InitializeAsync()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(TestContext.Current.CancellationToken);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        _app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        await _app.StartAsync(TestContext.Current.CancellationToken);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    /// <summary>Asks once and returns the name of the instance that answered; any other answer is an exception.</summary>
    public async Task<string> InstanceAsync(
        Uri door, string path, CancellationToken cancellationToken, bool newConnection = false, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(door, path));
        request.Headers.ConnectionClose = newConnection;
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await _client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? PongAt().Match(JsonDocument.Parse(body).RootElement.GetProperty("message").GetString()!).Groups[1].Value
            : throw new HttpRequestException($"{(int)response.StatusCode}: {body}", inner: null, response.StatusCode);
    }

    /// <summary>A replica of the ping service, once it is as the condition says.</summary>
    public async Task<Replica> WaitForReplicaAsync(Func<Replica, bool> condition, CancellationToken cancellationToken) => Replica.From(
        await App.ResourceNotifications.WaitForResourceAsync("ping", now => condition(Replica.From(now)), cancellationToken));

    [GeneratedRegex(@"pong at (\S+)\n$")]
    private static partial Regex PongAt();
}
