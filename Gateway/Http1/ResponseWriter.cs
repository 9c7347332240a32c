using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace Gateway.Http1;

/// <summary>
/// Writes a response to its connection: the head with the first flush, then the body as long as it was said to be, or in chunks.
/// </summary>
/// <remarks>RFC 9112, sections 4, 6 and 7.1.</remarks>
internal sealed class ResponseWriter(RequestFeatures response, SocketOutput output) : PipeWriter
{
    private const int InitialSize = 4096;
    private const int LargestKept = 64 * 1024;

    /// <summary>Status line, Date, Content-Length, Transfer-Encoding and Connection.</summary>
    private const int LongestRest = 256;

    private byte[] _pending = [];
    private int _length;
    private long _written;
    private long _declared;
    private BodyFraming _framing;
    private bool _isComplete;

    private enum BodyFraming
    {
        /// <summary>The head has not been written.</summary>
        NotStarted,

        /// <summary>Content-Length.</summary>
        Length,

        /// <summary>Chunks.</summary>
        Chunks,

        /// <summary>A response to HEAD, or whose status has no body: what is written is dropped.</summary>
        NoBody,
    }

    /// <summary>Whether the head has been written.</summary>
    public bool HasStarted => _framing != BodyFraming.NotStarted;

    /// <summary>Whether a body is sent: not to HEAD, and not with a status that has none (RFC 9110, section 6.4.1).</summary>
    private bool HasBody => !HttpMethods.IsHead(response.Method) && response.StatusCode is not (< 200 or 204 or 304);

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _length + output.Length;

    /// <summary>Begins another response.</summary>
    public void Reset()
    {
        (_length, _written, _declared, _framing, _isComplete) = (0, 0, -1, BodyFraming.NotStarted, false);
        if (_pending.Length > LargestKept)
        {
            _pending = [];
        }
    }

    /// <summary>Begins to write the head, instead of what the response's status says; <see cref="EndHead"/> ends it.</summary>
    /// <param name="size">The size of what will be written, status line and header lines.</param>
    public HeadBuffer BeginHead(int size) => new(output.GetSpan(size + LongestRest + response.ResponseHeaders.Size));

    /// <summary>Ends the head, with the headers that the response has besides. What <see cref="BeginHead"/> gave counts for nothing without this.</summary>
    /// <param name="head">The head.</param>
    /// <param name="status">The status that was written.</param>
    /// <param name="length">The length of the body; -1 when it is not known.</param>
    public void EndHead(ref HeadBuffer head, int status, long length)
    {
        response.StatusCode = status;
        if (length >= 0)
        {
            head.WriteLength(length);
        }

        Commit(ref head, !HasBody ? BodyFraming.NoBody : length >= 0 ? BodyFraming.Length : BodyFraming.Chunks, length);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) =>
        _framing == BodyFraming.Length ? output.GetMemory(sizeHint) : Reserve(sizeHint).AsMemory(_length);

    public override Span<byte> GetSpan(int sizeHint = 0) =>
        _framing == BodyFraming.Length ? output.GetSpan(sizeHint) : Reserve(sizeHint).AsSpan(_length);

    public override void Advance(int bytes)
    {
        _written += bytes;
        if (_written > _declared && _framing == BodyFraming.Length)
        {
            response.KeepsAlive = false;
            throw new InvalidOperationException($"The response is longer than its Content-Length, {_declared}.");
        }

        if (_framing == BodyFraming.Length)
        {
            output.Advance(bytes);
        }
        else
        {
            _length += bytes;
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!HasStarted)
        {
            if (response.HasOnStarting)
            {
                return FlushAfterStartingAsync(cancellationToken);
            }

            Start(isWhole: false);
        }

        WritePending();
        return SendAsync(cancellationToken);
    }

    /// <summary>Not possible: what of it has gone would not be known.</summary>
    public override void CancelPendingFlush() =>
        throw new NotSupportedException("A flush cannot be taken back. Cancel its token, or abort the request.");

    public override void Complete(Exception? exception = null)
    {
        // The response ends when its request does.
    }

    /// <summary>Sends an interim response (RFC 9110, section 15.2), before the response has begun.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public async ValueTask SendInterimAsync(ReadOnlyMemory<byte> head)
    {
        output.Write(head.Span);
        if ((await SendAsync(CancellationToken.None)).IsCompleted)
        {
            throw new OperationCanceledException("The client has gone.");
        }
    }

    /// <summary>Ends the response.</summary>
    /// <exception cref="InvalidOperationException">It is not as long as it was said to be.</exception>
    public ValueTask CompleteResponseAsync()
    {
        if (_isComplete || response.IsAborted)
        {
            return default;
        }

        if (response.HasOnStarting)
        {
            return CompleteAfterStartingAsync();
        }

        Finish();
        var sending = SendAsync(CancellationToken.None);
        return sending.IsCompletedSuccessfully ? default : new ValueTask(sending.AsTask());
    }

    private async ValueTask CompleteAfterStartingAsync()
    {
        await response.StartingAsync();
        await CompleteResponseAsync();
    }

    private void Finish()
    {
        if (!HasStarted)
        {
            Start(isWhole: true);
        }

        if (_framing == BodyFraming.Length && _written < _declared)
        {
            throw new InvalidOperationException($"The response is shorter than its Content-Length, {_declared}.");
        }

        WritePending();
        if (_framing == BodyFraming.Chunks)
        {
            output.Write("0\r\n\r\n"u8);
        }

        _isComplete = true;
    }

    private async ValueTask<FlushResult> FlushAfterStartingAsync(CancellationToken cancellationToken)
    {
        await response.StartingAsync();
        return await FlushAsync(cancellationToken);
    }

    private ValueTask<FlushResult> SendAsync(CancellationToken cancellationToken)
    {
        var sending = output.SendAsync(cancellationToken);
        return sending.IsCompletedSuccessfully ? new(Result(sending.Result)) : WaitAsync(sending);
    }

    private async ValueTask<FlushResult> WaitAsync(ValueTask<bool> sending)
    {
        try
        {
            return Result(await sending);
        }
        catch (OperationCanceledException)
        {
            // Where in the response the client is, is not known.
            response.Abort();
            throw;
        }
    }

    private FlushResult Result(bool isSent)
    {
        response.KeepsAlive &= isSent;
        return new FlushResult(isCanceled: false, isCompleted: !isSent);
    }

    private byte[] Reserve(int sizeHint)
    {
        var size = _length + Math.Max(sizeHint, 1);
        if (_pending.Length < size)
        {
            Array.Resize(ref _pending, Math.Max(size, Math.Max(InitialSize, _pending.Length * 2)));
        }

        return _pending;
    }

    private void WritePending()
    {
        if (_length == 0 || _framing == BodyFraming.NoBody)
        {
            _length = 0;
            return;
        }

        var bytes = _pending.AsSpan(0, _length);
        if (_framing == BodyFraming.Chunks)
        {
            Span<byte> size = stackalloc byte[10];
            System.Buffers.Text.Utf8Formatter.TryFormat(_length, size, out var digits, 'x');
            "\r\n"u8.CopyTo(size[digits..]);
            output.Write(size[..(digits + 2)]);
            output.Write(bytes);
            output.Write("\r\n"u8);
        }
        else
        {
            output.Write(bytes);
        }

        _length = 0;
    }

    /// <summary>Chooses how the body ends, and writes the head.</summary>
    /// <param name="isWhole">Whether nothing more will be written.</param>
    private void Start(bool isWhole)
    {
        var (headers, status) = (response.ResponseHeaders, response.StatusCode);
        headers.Remove(HeaderNames.TransferEncoding);
        if (status is < 200 or 204)
        {
            // RFC 9110, section 8.6.
            headers.ContentLength = null;
        }
        else if (headers.ContentLength is null && isWhole && _length == 0 && HasBody)
        {
            headers.ContentLength = 0;
        }

        var declared = headers.ContentLength;
        if (HasBody && (_written > declared || (isWhole && _written < declared)))
        {
            throw new InvalidOperationException($"The response has {_written} bytes, and its Content-Length is {declared}.");
        }

        var head = BeginHead(response.ReasonPhrase?.Length ?? 0);
        if (response.ReasonPhrase is { } reason)
        {
            head.Write($"HTTP/1.1 {status:D3} {reason}\r\n");
        }
        else
        {
            head.WriteStatusLine(status);
        }

        Commit(ref head, !HasBody ? BodyFraming.NoBody : declared is not null ? BodyFraming.Length : BodyFraming.Chunks, declared ?? -1);
    }

    private void Commit(ref HeadBuffer head, BodyFraming framing, long declared)
    {
        var headers = response.ResponseHeaders;
        response.KeepsAlive &= headers.KeepAlive;
        head.WriteLines(headers);
        if (!headers.ContainsKey(HeaderNames.Date))
        {
            head.Write(DateLine.Current);
        }

        if (framing == BodyFraming.Chunks)
        {
            head.Write("Transfer-Encoding: chunked\r\n"u8);
        }

        if (!response.KeepsAlive && !headers.ContainsKey(HeaderNames.Connection))
        {
            head.Write("Connection: close\r\n"u8);
        }

        head.Write("\r\n"u8);
        output.Advance(head.Length);
        headers.Seal();
        (_framing, _declared) = (framing, declared);
    }
}
