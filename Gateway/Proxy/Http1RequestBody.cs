using System.Buffers;
using System.Net.Sockets;
using Gateway.Forwarding;

namespace Gateway.Proxy;

/// <summary>
/// Sends a request's body to an HTTP/1.1 upstream while its response is already waited for, as both may come at the same time. Its
/// trailers end here: Envoy's codec of HTTP/1.1 drops trailers, as Istio leaves its enable_trailers off.
/// </summary>
internal sealed class Http1RequestBody
{
    /// <summary>Bodies up to this size go out together with the head.</summary>
    private const int InlineSize = 16 * 1024;

    /// <summary>
    /// How long a client that expects 100 Continue waits for it before it sends its body nevertheless; clients do so after about a second.
    /// </summary>
    private static readonly TimeSpan ContinuePatience = TimeSpan.FromSeconds(1);

    private readonly ProxyRequest _request;
    private readonly UpstreamConnection _connection;
    private readonly bool _isChunked;
    private readonly TaskCompletionSource? _continue;
    private Task? _task;

    /// <summary>Makes a sender.</summary>
    public Http1RequestBody(ProxyRequest request, UpstreamConnection connection, bool isChunked)
    {
        (_request, _connection, _isChunked) = (request, connection, isChunked);
        if (request.Head.Headers.Expect.Count > 0)
        {
            _continue = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static ReadOnlySpan<byte> LastChunk => "0\r\n\r\n"u8;

    /// <summary>Whether all of the request has been sent.</summary>
    public bool IsSent { get; private set; }

    /// <summary>Sends the head, with the body where that is short and there already; else begins to send it.</summary>
    public async ValueTask StartAsync(HeadWriter head)
    {
        var body = _request.Body;
        if (_continue is null && IsAllThere() && body.Recorded.Length <= InlineSize)
        {
            var bytes = new ReadOnlySequence<byte>(body.Recorded);
            if (_isChunked)
            {
                head.AppendChunk(bytes);
                head.Append(LastChunk);
            }
            else
            {
                head.Append(bytes);
            }

            await _connection.SendAsync(head.Written);
            IsSent = true;
            return;
        }

        await _connection.SendAsync(head.Written);
        body.BeginSending();
        _task = SendAsync();
    }

    private bool IsAllThere()
    {
        try
        {
            return _request.Body.TryReadAll();
        }
        catch (IOException exception)
        {
            _request.BodyFailure = exception;
            throw;
        }
    }

    /// <summary>The upstream wants the body.</summary>
    public void Continue() => _continue?.TrySetResult();

    /// <summary>Ends sending, wherever it is.</summary>
    public async ValueTask StopAsync()
    {
        if (_task is null)
        {
            return;
        }

        if (!_task.IsCompleted)
        {
            _continue?.TrySetCanceled();
            _request.Body.Cancel();
        }

        await _task;
    }

    private async Task SendAsync()
    {
        try
        {
            if (_continue is not null)
            {
                await WaitForContinueAsync(_continue.Task, _request.Time);
            }

            if (await SendAllAsync())
            {
                IsSent = true;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The upstream takes no more. What it says instead, a response or nothing, the receiver hears.
        }
        catch (IOException exception)
        {
            // The client broke off, or sent no valid body: the upstream must not take it for the whole.
            _request.BodyFailure = exception;
            _connection.Dispose();
        }
    }

    private static async Task WaitForContinueAsync(Task proceed, TimeProvider time)
    {
        try
        {
            await proceed.WaitAsync(ContinuePatience, time);
        }
        catch (TimeoutException)
        {
        }
    }

    private async Task<bool> SendAllAsync()
    {
        var (body, writer) = (_request.Body, new HeadWriter());
        if (body.Recorded.Length > 0)
        {
            await SendAsync(new ReadOnlySequence<byte>(body.Recorded), writer);
        }

        while (!body.IsComplete)
        {
            if (await body.ReadAsync() is not { } bytes)
            {
                return false;
            }

            await SendAsync(bytes, writer);
            body.Advance(bytes);
        }

        if (_isChunked)
        {
            writer.Clear();
            writer.Append(LastChunk);
            await _connection.SendAsync(writer.Written);
        }

        return true;
    }

    private async ValueTask SendAsync(ReadOnlySequence<byte> bytes, HeadWriter writer)
    {
        while (!bytes.IsEmpty)
        {
            var piece = bytes.Slice(0, Math.Min(bytes.Length, InlineSize));
            writer.Clear();
            if (_isChunked)
            {
                writer.AppendChunk(piece);
            }
            else
            {
                writer.Append(piece);
            }

            await _connection.SendAsync(writer.Written);
            bytes = bytes.Slice(piece.End);
        }
    }
}
