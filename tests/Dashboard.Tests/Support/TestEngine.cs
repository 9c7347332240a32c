using System.Net.WebSockets;
using System.Threading.Channels;
using Dashboard.EngineLink;

namespace Dashboard.Tests.Support;

/// <summary>An engine that tells what the test wants it to tell.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private readonly MessageSocket<EngineMessage, DashboardMessage> _socket;
    private readonly ClientWebSocket _client;
    private readonly CancellationTokenSource _ended = new();
    private readonly Channel<DashboardMessage> _asked = Channel.CreateUnbounded<DashboardMessage>();
    private readonly Task _receiving;

    private TestEngine(ClientWebSocket client)
    {
        _client = client;
        _socket = new(client, MessageJson.Default.EngineMessage, MessageJson.Default.DashboardMessage);
        _receiving = ReceiveAsync();
    }

    public static Task<TestEngine> ConnectAsync(TestDashboard dashboard, string key = TestDashboard.EngineKey) =>
        ConnectAsync(dashboard.Frontend, key);

    public static async Task<TestEngine> ConnectAsync(Uri frontend, string key = TestDashboard.EngineKey)
    {
        var client = new ClientWebSocket();
        client.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        await client.ConnectAsync(
            new UriBuilder("ws", frontend.Host, frontend.Port, "/engine").Uri, TestContext.Current.CancellationToken);
        return new TestEngine(client);
    }

    public Task TellAsync(EngineMessage message) => _socket.SendAsync(message, TestContext.Current.CancellationToken);

    public Task TellAsync(ResourceInfo resource) => TellAsync(new ResourceChanged(resource));

    public ValueTask<DashboardMessage> AskedAsync() => _asked.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public static ResourceInfo Replica(string name, string suffix, string state = "Running") => new()
    {
        Id = $"{name}-{suffix}",
        Name = name,
        Type = "Project",
        State = state,
        StateStyle = "success",
        Health = "Healthy",
    };

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _client.Dispose();
        _ended.Dispose();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await _socket.ReceiveAsync(_ended.Token) is { } message)
            {
                _asked.Writer.TryWrite(message);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            _asked.Writer.TryComplete();
        }
    }
}
