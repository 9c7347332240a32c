using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Conformance.Cases;
using Gateway.Tests.Support;

namespace Conformance.Upstreams;

/// <summary>One endpoint of a case: answers on a real socket what the script says, in virtual time.</summary>
internal sealed class ScriptedEndpoint : IAsyncDisposable
{
    /// <summary>Longer than any case lasts, and a time that a timer takes.</summary>
    private static readonly TimeSpan Never = TimeSpan.FromDays(40);

    private readonly IReadOnlyList<Reply> _replies;
    private readonly TimeProvider _time;
    private readonly Action<string, RawRequest> _seen;
    private readonly ConcurrentDictionary<RawConnection, bool> _waiting = new();
    private RawUpstream? _upstream;
    private Socket? _reservation;
    private int _answered;

    /// <summary>Makes an endpoint that listens.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="replies">What it answers, in turn; the last one for ever.</param>
    /// <param name="time">The clock of delays.</param>
    /// <param name="seen">Told of every request.</param>
    public ScriptedEndpoint(string name, IReadOnlyList<Reply> replies, TimeProvider time, Action<string, RawRequest> seen)
    {
        (Name, _replies, _time, _seen) = (name, replies, time, seen);
        Up();
        Port = _upstream!.Port;
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>How many requests are held back here; not those whose sender has given up.</summary>
    public int Delays => _waiting.Keys.Count(IsConnected);

    /// <summary>Listens, on the port it has had before.</summary>
    public void Up()
    {
        _upstream ??= RawUpstream.Start(AnswerAsync, Port);
        _reservation?.Dispose();
    }

    /// <summary>Stops listening and resets its connections, as a killed process does.</summary>
    public async Task DownAsync()
    {
        if (_upstream is { } upstream)
        {
            // A socket that does not listen keeps the port from being anybody else's meanwhile.
            _reservation = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _upstream = null;
            upstream.Kill();
            _reservation.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            await upstream.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _reservation?.Dispose();
        if (_upstream is not null)
        {
            await _upstream.DisposeAsync();
        }
    }

    /// <summary>The sender's end is seen without reading, for what comes next belongs to the next request.</summary>
    private static bool IsConnected(RawConnection connection)
    {
        try
        {
            return !connection.Socket.Poll(0, SelectMode.SelectRead) || connection.Socket.Available > 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task AnswerAsync(RawRequest request, RawConnection connection)
    {
        _seen(Name, request);
        var number = Interlocked.Increment(ref _answered) - 1;
        var reply = _replies[Math.Min(number, _replies.Count - 1)];
        var delay = reply.Instead == "hang" ? Never : Match.Span(reply.Delay);
        if (delay > TimeSpan.Zero)
        {
            await WaitAsync(delay, connection);
        }

        await SendAsync(reply, request, connection);
    }

    private async Task WaitAsync(TimeSpan delay, RawConnection connection)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[connection] = true;
        await using var stop = connection.Stop.UnsafeRegister(_ => end.TrySetCanceled(), null);
        await using var timer = _time.CreateTimer(
            _ =>
            {
                _waiting.TryRemove(connection, out var _);
                end.TrySetResult();
            },
            null, delay, Timeout.InfiniteTimeSpan);
        await end.Task;
    }

    private Task SendAsync(Reply reply, RawRequest request, RawConnection connection)
    {
        switch (reply.Instead)
        {
            case "reset":
                connection.Reset();
                return Task.CompletedTask;
            case "close":
                connection.Socket.Dispose();
                return Task.CompletedTask;
            case "truncate":
                return TruncateAsync(connection);
            case "":
                return RespondAsync(reply, request, connection);
            default:
                throw new InvalidDataException($"{reply.Instead} is nothing that an endpoint does.");
        }
    }

    private Task RespondAsync(Reply reply, RawRequest request, RawConnection connection)
    {
        var hasBody = request.Method != "HEAD" && reply.Grpc is null && reply.Status is not (204 or 304);
        var body = !hasBody ? "" : reply.Body ?? $"{Name} {request.Target}\n";
        var headers = reply.Headers.Select(header => $"{header.Key}: {header.Value}\r\n");
        if (reply.Grpc is { } grpc)
        {
            headers = headers.Append($"content-type: application/grpc\r\ngrpc-status: {grpc}\r\n");
        }

        return connection.RespondAsync(body, string.Concat(headers), $"{reply.Status.ToString(CultureInfo.InvariantCulture)} Status");
    }

    private static async Task TruncateAsync(RawConnection connection)
    {
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        connection.Reset();
    }
}
