using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Forwarding;

/// <summary>
/// A request as its endpoint gets it, in HTTP/1.1, as bytes: the same for every try. Written into a pooled array; dispose it to give the
/// array back.
/// </summary>
internal struct RequestMessage : RequestHeaders.ISink, IDisposable
{
    private const int InitialSize = 2048;

    /// <summary>A body up to this size is sent together with the head.</summary>
    private const int InlineBody = 16 * 1024;

    private byte[] _buffer;
    private int _length;

    /// <summary>The head, and the body where it is small.</summary>
    public readonly ReadOnlyMemory<byte> Head => _buffer.AsMemory(0, _length);

    /// <summary>The length of the head alone.</summary>
    public int HeadSize { get; private set; }

    /// <summary>The body where it is not in <see cref="Head"/>.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Writes a request.</summary>
    public static RequestMessage Write(in RequestSource request, string target, RequestBody? body)
    {
        var message = new RequestMessage { _buffer = ArrayPool<byte>.Shared.Rent(InitialSize) };
        message.Append(request.Method);
        message.Append(" ");
        message.Append(target);
        message.Append(" HTTP/1.1\r\n");
        RequestHeaders.Write(request, ref message);
        if (body is not null)
        {
            message.Add("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
        }

        message.Append("\r\n");
        message.HeadSize = message._length;
        if (body is null || body.Length > InlineBody)
        {
            message.Body = body?.Bytes ?? default;
            return message;
        }

        body.Bytes.Span.CopyTo(message.Reserve(body.Length));
        message._length += body.Length;
        return message;
    }

    public void Add(string name, string value)
    {
        Append(name);
        Append(": ");
        Append(value);
        Append("\r\n");
    }

    public void AddHex(string name, ReadOnlySpan<byte> value)
    {
        Append(name);
        Append(": ");
        Convert.TryToHexStringLower(value, Reserve(value.Length * 2), out var written);
        _length += written;
        Append("\r\n");
    }

    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Append(string text) => _length += Encoding.Latin1.GetBytes(text, Reserve(text.Length));

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }
}
