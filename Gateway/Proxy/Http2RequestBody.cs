using System.Net;

namespace Gateway.Proxy;

/// <summary>A request's body for an HTTP/2 upstream: what was recorded, then what comes.</summary>
/// <param name="body">The body.</param>
/// <param name="length">Its length; null when it is not known.</param>
/// <param name="onStream">Told when there is a stream to send it by.</param>
internal sealed class Http2RequestBody(RequestStream body, long? length, Action onStream) : HttpContent
{
    private Task? _sending;

    /// <summary>Ends sending, wherever it is.</summary>
    public async ValueTask StopAsync()
    {
        if (_sending is null)
        {
            return;
        }

        if (!_sending.IsCompleted)
        {
            body.Cancel();
        }

        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _sending = SendAsync(stream, cancellationToken);

    protected override bool TryComputeLength(out long computed)
    {
        computed = length ?? 0;
        return length is not null;
    }

    private async Task SendAsync(Stream stream, CancellationToken cancellationToken)
    {
        await body.EndReceivingAheadAsync();
        body.BeginSending();
        onStream();
        if (body.Recorded.Length > 0)
        {
            await stream.WriteAsync(body.Recorded, cancellationToken);
        }

        if (!body.IsComplete)
        {
            // The client keeps the request's head back until something is sent; the answer may have to come before the first byte does.
            await stream.FlushAsync(cancellationToken);
        }

        while (!body.IsComplete)
        {
            if (await body.ReadAsync() is not { } bytes)
            {
                throw new OperationCanceledException("The exchange has ended.");
            }

            foreach (var piece in bytes)
            {
                await stream.WriteAsync(piece, cancellationToken);
            }

            body.Advance(bytes);

            // A call may wait for the answer to what it has sent so far.
            await stream.FlushAsync(cancellationToken);
        }
    }
}
