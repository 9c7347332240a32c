using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;
using Dashboard.Resources;

namespace Dashboard.EngineLink;

/// <summary>The engine at the other end: at most one, the one that connected last. Safe for use by several threads.</summary>
internal sealed class Engine
{
    private readonly ResourceStore _resources;
    private readonly ConsoleLogs _logs;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<CommandEnded>> _commands = new();
    private readonly Lock _gate = new();
    private ChannelWriter<DashboardMessage>? _outgoing;
    private CancellationTokenSource? _connection;
    private int _lastRequest;

    public Engine(ResourceStore resources, ConsoleLogs logs)
    {
        _resources = resources;
        _logs = logs;
        _logs.Asked += message => _outgoing?.TryWrite(message);
    }

    /// <summary>Gives a command and waits for its end.</summary>
    public async Task<CommandEnded> RunAsync(string resource, string command, CancellationToken cancellationToken)
    {
        var request = Interlocked.Increment(ref _lastRequest);
        var ended = _commands.GetOrAdd(request, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            return _outgoing?.TryWrite(new RunCommand(request, resource, command)) == true
                ? await ended.Task.WaitAsync(cancellationToken)
                : new CommandEnded(request, Success: false, "The dashboard is not connected to the application.", null);
        }
        finally
        {
            _commands.TryRemove(request, out _);
        }
    }

    /// <summary>Serves an engine until it goes.</summary>
    public async Task ServeAsync(WebSocket webSocket, CancellationToken cancellationToken)
    {
        using var socket = new MessageSocket<DashboardMessage, EngineMessage>(
            webSocket, MessageJson.Default.DashboardMessage, MessageJson.Default.EngineMessage);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var outgoing = Channel.CreateUnbounded<DashboardMessage>(new UnboundedChannelOptions { SingleReader = true });
        await ReplaceAsync(ended, outgoing.Writer);
        try
        {
            var sending = SendAsync(socket, outgoing.Reader, ended.Token);
            await ReceiveAsync(socket, ended.Token);
            await ended.CancelAsync();
            await sending;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // It has gone, or another one has come.
        }
        finally
        {
            Leave(ended);
        }
    }

    private async Task ReplaceAsync(CancellationTokenSource connection, ChannelWriter<DashboardMessage> outgoing)
    {
        CancellationTokenSource? before;
        lock (_gate)
        {
            before = _connection;
            _connection = connection;
            _outgoing = outgoing;
        }

        if (before is not null)
        {
            await before.CancelAsync();
        }

        _resources.Connect();
        _logs.Restart();
        foreach (var id in _logs.Watched)
        {
            outgoing.TryWrite(new WatchLog(id));
        }
    }

    private void Leave(CancellationTokenSource connection)
    {
        lock (_gate)
        {
            if (_connection != connection)
            {
                return;
            }

            (_connection, _outgoing) = (null, null);
        }

        foreach (var (request, command) in _commands)
        {
            command.TrySetResult(new CommandEnded(request, Success: false, "The application has gone.", null));
        }

        _resources.Disconnect();
    }

    private static async Task SendAsync(
        MessageSocket<DashboardMessage, EngineMessage> socket, ChannelReader<DashboardMessage> outgoing, CancellationToken cancellationToken)
    {
        await foreach (var message in outgoing.ReadAllAsync(cancellationToken))
        {
            await socket.SendAsync(message, cancellationToken);
        }
    }

    private async Task ReceiveAsync(MessageSocket<DashboardMessage, EngineMessage> socket, CancellationToken cancellationToken)
    {
        while (await socket.ReceiveAsync(cancellationToken) is { } message)
        {
            switch (message)
            {
                case ResourceChanged changed:
                    _resources.Set(changed.Resource);
                    break;
                case ResourceRemoved removed:
                    _resources.Remove(removed.Id);
                    break;
                case LogWritten log:
                    _logs.Add(log.Id, log.Lines);
                    break;
                case CommandEnded ended when _commands.TryGetValue(ended.Request, out var command):
                    command.TrySetResult(ended);
                    break;
            }
        }
    }
}
