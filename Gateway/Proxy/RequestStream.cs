using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Gateway.Http1;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Proxy;

/// <summary>
/// The body of a request, passed on as it comes and remembered meanwhile, so that another attempt can send it again: as long as it fits
/// into Envoy's buffer limit. Used again for the next request.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/router/router.cc, decodeData.</remarks>
internal sealed class RequestStream
{
    /// <summary>Envoy's buffer limit of a connection, per_connection_buffer_limit_bytes: 1 MiB.</summary>
    internal const int Limit = 1024 * 1024;

    private const int InitialSize = 8 * 1024;

    private PipeReader? _reader;
    private Action? _onComplete;
    private byte[] _recorded = [];
    private int _length;
    private bool _isRecording;
    private bool _isOpen;
    private bool _isExpecting;
    private volatile bool _isBrokenOff;
    private Task? _ahead;

    /// <summary>Whether all of the request has been received. A request without a body is complete from the beginning.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether there is a body.</summary>
    public bool Exists { get; private set; }

    /// <summary>Whether the whole body can still be sent from its beginning.</summary>
    public bool CanReplay { get; private set; }

    /// <summary>How many bytes have been received.</summary>
    public long Received { get; private set; }

    /// <summary>Counts the messages of a gRPC call; null for any other request.</summary>
    public GrpcMessages? Messages { get; set; }

    /// <summary>What has been received so far, as long as <see cref="CanReplay"/>.</summary>
    public ReadOnlyMemory<byte> Recorded => _recorded.AsMemory(0, _length);

    /// <summary>Begins with a request's body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="records">Whether the body may be needed again.</param>
    /// <param name="onComplete">Told when all of it has been received.</param>
    public void Begin(HttpContext context, bool records, Action onComplete)
    {
        Open(context);
        (_onComplete, _isRecording) = (onComplete, records);
        if (IsComplete)
        {
            onComplete();
        }
    }

    /// <summary>
    /// Waits until there is as much of the body as is enough, or all. It is kept, and sent from its beginning all the same.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="enough">How many bytes are enough.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What has come.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> BufferAsync(HttpContext context, int enough, CancellationToken cancellationToken)
    {
        Open(context);
        while (!IsComplete && _length < enough)
        {
            Keep(await _reader!.ReadAsync(cancellationToken));
        }

        return Recorded;
    }

    /// <summary>Whether all of the request has been received, as <see cref="IsComplete"/>, before the body has begun too.</summary>
    public bool IsReceived(HttpContext context)
    {
        Open(context);
        return IsComplete;
    }

    /// <summary>Whether all of the request is there, read or not. Not for a body that is being read.</summary>
    public bool HasArrived(HttpContext context)
    {
        if (IsReceived(context) || _isExpecting)
        {
            return IsComplete;
        }

        try
        {
            if (!_reader!.TryRead(out var result))
            {
                return false;
            }

            _reader.AdvanceTo(result.Buffer.Start);
            return result.IsCompleted;
        }
        catch (BadHttpRequestException)
        {
            // There is no valid end.
            return false;
        }
    }

    /// <summary>Finds the body, unless a filter has begun to read it already.</summary>
    private void Open(HttpContext context)
    {
        if (_isOpen)
        {
            return;
        }

        _isOpen = true;
        Exists = context.CanHaveBody();
        _reader = Exists ? context.Request.BodyReader : null;
        (CanReplay, Received, _length) = (true, 0, 0);
        IsComplete = !Exists;
        _isExpecting = Exists && context.Request.Headers.Expect.Count > 0;
        if (Exists && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            // A stream may be silent for as long as it likes: Istio switches Envoy's stream_idle_timeout off.
            rate.MinDataRate = null;
        }
    }

    /// <summary>The client's bytes after an upgrade belong to the new protocol: the request itself never ends.</summary>
    public void BeginUpgrade() => (Exists, IsComplete, CanReplay, Received, _length) = (false, false, true, 0, 0);

    /// <summary>Forgets the request.</summary>
    public void End()
    {
        (_reader, _onComplete, _isOpen, Messages) = (null, null, false, null);
        _length = 0;
        if (_recorded.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_recorded);
            _recorded = [];
        }
    }

    /// <summary>Takes what is there without waiting.</summary>
    /// <returns>False when the body is not all there; what has come is recorded then, or still in the reader.</returns>
    public bool TryReadAll()
    {
        while (!IsComplete && _isRecording && CanReplay && _reader!.TryRead(out var result))
        {
            if (_length + result.Buffer.Length > Limit)
            {
                // Left for the sender, which passes it on without keeping it.
                _reader.AdvanceTo(result.Buffer.Start);
                return false;
            }

            Take(result.Buffer);
            _reader.AdvanceTo(result.Buffer.End);
            Complete(result);
            if (result.Buffer.IsEmpty && !IsComplete)
            {
                return false;
            }
        }

        return IsComplete && CanReplay;
    }

    /// <summary>
    /// Receives the body while there is nobody yet to send it to, as much as is kept: the time of a request runs from its end on, however
    /// long its connection is waited for. A client that waits for 100 Continue is left to the upstream.
    /// </summary>
    public void ReceiveAhead()
    {
        if (!IsComplete && Exists && !_isExpecting && _ahead is null)
        {
            _isBrokenOff = false;
            _ahead = ReceiveAheadAsync();
        }
    }

    /// <summary>Ends receiving ahead; from here on the body can be sent.</summary>
    public async ValueTask EndReceivingAheadAsync()
    {
        if (_ahead is not { } ahead)
        {
            return;
        }

        // Once only, in this order: a second call must not break off what its successor waits for.
        if (!_isBrokenOff && !ahead.IsCompleted)
        {
            Cancel();
        }

        await ahead;
        (_ahead, _isBrokenOff) = (null, false);
    }

    /// <summary>
    /// Waits for more of the body. What is returned is valid until <see cref="Advance"/>; nothing more comes when <see cref="IsComplete"/>.
    /// </summary>
    /// <returns>The bytes; null when the wait was broken off by <see cref="Cancel"/>.</returns>
    public async ValueTask<ReadOnlySequence<byte>?> ReadAsync()
    {
        if (await ReceiveAsync() is not { } result)
        {
            return null;
        }

        Take(result.Buffer);
        Complete(result);
        return result.Buffer;
    }

    /// <summary>Gives the bytes of <see cref="ReadAsync"/> back.</summary>
    public void Advance(ReadOnlySequence<byte> bytes) => _reader!.AdvanceTo(bytes.End);

    /// <summary>Breaks a wait off.</summary>
    public void Cancel()
    {
        _isBrokenOff = true;
        _reader?.CancelPendingRead();
    }

    /// <summary>Lets another sender wait.</summary>
    public void BeginSending() => _isBrokenOff = false;

    private async Task ReceiveAheadAsync()
    {
        try
        {
            while (!IsComplete && await ReceiveAsync() is { } result)
            {
                if (_length + result.Buffer.Length > Limit)
                {
                    // Left for the sender, which passes it on.
                    _reader!.AdvanceTo(result.Buffer.Start);
                    return;
                }

                Keep(result);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client broke off, or sent no valid body: whoever sends it meets that again.
        }
    }

    private void Keep(in ReadResult received)
    {
        Count(received.Buffer);
        Keep(received.Buffer);
        _reader!.AdvanceTo(received.Buffer.End);
        Complete(received);
    }

    /// <summary>Waits for more; null when that is broken off. A reader may tell so late, when nobody wants it any more.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult?> ReceiveAsync()
    {
        while (true)
        {
            var result = await _reader!.ReadAsync();
            if (!result.IsCanceled)
            {
                return result;
            }

            _reader.AdvanceTo(result.Buffer.Start);
            if (_isBrokenOff)
            {
                return null;
            }
        }
    }

    private void Complete(ReadResult result)
    {
        if (result.IsCompleted && !IsComplete)
        {
            IsComplete = true;
            _onComplete?.Invoke();
        }
    }

    private void Count(in ReadOnlySequence<byte> bytes)
    {
        Received += bytes.Length;
        Messages?.OnRequest(bytes);
    }

    private void Take(ReadOnlySequence<byte> bytes)
    {
        Count(bytes);
        if (!_isRecording || !CanReplay || Received > Limit)
        {
            // Envoy gives up on repeating the request, and so does this; what was recorded is of no use any more.
            CanReplay &= bytes.IsEmpty;
            return;
        }

        Keep(bytes);
    }

    private void Keep(ReadOnlySequence<byte> bytes)
    {
        if (_recorded.Length - _length < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(InitialSize, Math.Max(_recorded.Length * 2, _length + (int)bytes.Length)));
            Recorded.Span.CopyTo(larger);
            if (_recorded.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_recorded);
            }

            _recorded = larger;
        }

        bytes.CopyTo(_recorded.AsSpan(_length));
        _length += (int)bytes.Length;
    }
}
