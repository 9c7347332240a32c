using System.Globalization;
using Conformance.Cases;
using Conformance.Time;
using Gateway.Tests.Support;
using Istio.Documents;

namespace Conformance.Upstreams;

/// <summary>One endpoint of a case: answers on a real socket what the script says, in virtual time.</summary>
internal sealed class ScriptedEndpoint : IAsyncDisposable
{
    private readonly IReadOnlyList<Reply> _replies;
    private readonly VirtualTime _time;
    private readonly Action<string, RawRequest> _seen;
    private RawUpstream? _upstream;
    private int _answered;

    public ScriptedEndpoint(string name, IReadOnlyList<Reply> replies, VirtualTime time, Action<string, RawRequest> seen)
    {
        (Name, _replies, _time, _seen) = (name, replies, time, seen);
        Up();
        Port = _upstream!.Port;
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>Listens, on the port it has had before.</summary>
    public void Up() => _upstream ??= RawUpstream.Start(AnswerAsync, Port);

    /// <summary>Stops listening and resets its connections, as a killed process does.</summary>
    public async Task DownAsync()
    {
        if (_upstream is { } upstream)
        {
            _upstream = null;
            upstream.Kill();
            await upstream.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_upstream is not null)
        {
            await _upstream.DisposeAsync();
        }
    }

    private async Task AnswerAsync(RawRequest request, RawConnection connection)
    {
        _seen(Name, request);
        var number = Interlocked.Increment(ref _answered) - 1;
        var reply = _replies[Math.Min(number, _replies.Count - 1)];
        Duration.TryParse(reply.Delay, out var delay);
        if (delay > TimeSpan.Zero || reply.Instead == "hang")
        {
            // The largest delay that a timer takes stands for never.
            await WaitAsync(reply.Instead == "hang" ? TimeSpan.FromDays(40) : delay, connection);
        }

        await SendAsync(reply, request, connection);
    }

    /// <summary>Waits in virtual time, but no longer than the other side keeps the connection.</summary>
    private async Task WaitAsync(TimeSpan delay, RawConnection connection)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(connection.Stop);
        var wait = Task.Delay(delay, _time, gone.Token);
        var closed = connection.ReceiveAsync(Memory<byte>.Empty).AsTask();
        await Task.WhenAny(wait, closed);
        await gone.CancelAsync();
        if (!wait.IsCompletedSuccessfully)
        {
            throw new IOException("The gateway did not wait for the answer.");
        }
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
            default:
                var body = request.Method == "HEAD" ? "" : reply.Body.Length > 0 ? reply.Body : $"{Name} {request.Target}\n";
                var headers = reply.Headers.Select(header => $"{header.Key}: {header.Value}\r\n");
                if (reply.Grpc is { } grpc)
                {
                    (body, headers) = ("", headers.Append($"content-type: application/grpc\r\ngrpc-status: {grpc}\r\n"));
                }

                return connection.RespondAsync(body, string.Concat(headers), $"{reply.Status.ToString(CultureInfo.InvariantCulture)} Status");
        }
    }

    private static async Task TruncateAsync(RawConnection connection)
    {
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        connection.Reset();
    }
}
