using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Support;

/// <summary>Reads HTTP/1.1 messages from a socket without interpreting more than their framing.</summary>
internal sealed class RawReader(Socket socket, CancellationToken cancellationToken)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Reads up to the empty line, in Latin-1; null at the end of the connection.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var head = Encoding.Latin1.GetString(_buffer, _start, end + 2);
                _start += end + 4;
                return head;
            }

            if (!await FillAsync())
            {
                return null;
            }
        }
    }

    /// <summary>Reads the body that a head announces.</summary>
    public async Task<byte[]> ReadBodyAsync(string head, bool untilClose = false)
    {
        Trailers = "";
        if (Value(head, "Transfer-Encoding")?.Contains("chunked", StringComparison.OrdinalIgnoreCase) == true)
        {
            return await ReadChunksAsync();
        }

        if (Value(head, "Content-Length") is { } length)
        {
            return await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture));
        }

        var body = new MemoryStream();
        while (untilClose)
        {
            body.Write(_buffer, _start, _end - _start);
            _start = _end;
            untilClose = await FillAsync();
        }

        return body.ToArray();
    }

    /// <summary>The trailers of the last body.</summary>
    public string Trailers { get; private set; } = "";

    public static string? Value(string head, string name)
    {
        var index = head.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        return index < 0 ? null : head[(index + name.Length + 3)..head.IndexOf("\r\n", index + 2, StringComparison.Ordinal)].Trim();
    }

    /// <summary>Takes what there is, buffered bytes first.</summary>
    public async ValueTask<int> ReceiveAsync(Memory<byte> destination)
    {
        if (_start == _end && !await FillAsync())
        {
            return 0;
        }

        var count = Math.Min(destination.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(destination);
        _start += count;
        return count;
    }

    public async Task<string> ReadLineAsync()
    {
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (end >= 0)
            {
                var line = Encoding.Latin1.GetString(_buffer, _start, end);
                _start += end + 2;
                return line;
            }

            if (!await FillAsync())
            {
                throw new IOException("The connection ended within a line.");
            }
        }
    }

    public async Task<byte[]> ReadExactlyAsync(int length)
    {
        var body = new byte[length];
        for (var read = 0; read < length;)
        {
            var count = await ReceiveAsync(body.AsMemory(read));
            read += count > 0 ? count : throw new IOException("The connection ended within a body.");
        }

        return body;
    }

    private async Task<byte[]> ReadChunksAsync()
    {
        var body = new MemoryStream();
        while (true)
        {
            var size = int.Parse((await ReadLineAsync()).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Write(await ReadExactlyAsync(size));
            if (size > 0)
            {
                await ReadLineAsync();
                continue;
            }

            while (await ReadLineAsync() is { Length: > 0 } trailer)
            {
                Trailers += trailer + "\r\n";
            }

            return body.ToArray();
        }
    }

    private async Task<bool> FillAsync()
    {
        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        return count > 0;
    }
}
