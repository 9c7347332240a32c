using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Dashboard.EngineLink;

/// <summary>Messages over a WebSocket, each a text of JSON. Several threads may send, one may receive.</summary>
internal sealed class MessageSocket<TSent, TReceived>(
    WebSocket socket, JsonTypeInfo<TSent> sent, JsonTypeInfo<TReceived> received) : IDisposable
{
    private const int MaxBytes = 8 * 1024 * 1024;

    private readonly SemaphoreSlim _sending = new(1);

    /// <summary>Sends a message.</summary>
    /// <exception cref="WebSocketException">The other side is gone.</exception>
    public async Task SendAsync(TSent message, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message, sent);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next message; null when the other side has closed the connection.</summary>
    /// <exception cref="WebSocketException">The other side is gone, or sends what is no message.</exception>
    public async Task<TReceived?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var content = new ArrayBufferWriter<byte>();
        while (true)
        {
            var part = await socket.ReceiveAsync(content.GetMemory(16 * 1024), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return default;
            }

            content.Advance(part.Count);
            if (content.WrittenCount > MaxBytes)
            {
                throw new WebSocketException(WebSocketError.HeaderError, $"A message is larger than {MaxBytes} bytes.");
            }

            if (part.EndOfMessage)
            {
                return Parse(content.WrittenSpan);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sending.Dispose();
        socket.Dispose();
    }

    private TReceived Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, received) ?? throw new JsonException("null is no message.");
        }
        catch (JsonException exception)
        {
            throw new WebSocketException("What came is no message.", exception);
        }
    }
}
