using System.Buffers;
using System.Text;

namespace Gateway.Proxy;

/// <summary>Writes a message's bytes into one array, which is used again for the next message.</summary>
internal sealed class HeadWriter
{
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(2048);
    private int _length;

    /// <summary>What has been written.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Begins another message.</summary>
    public void Clear() => _length = 0;

    /// <summary>Writes text, in Latin-1 as it came.</summary>
    public void Append(string text) => _length += Encoding.Latin1.GetBytes(text, Reserve(text.Length));

    /// <summary>Writes bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Writes bytes.</summary>
    public void Append(in ReadOnlySequence<byte> bytes)
    {
        bytes.CopyTo(Reserve((int)bytes.Length));
        _length += (int)bytes.Length;
    }

    /// <summary>Writes a header line; Envoy writes names in small letters.</summary>
    public void AppendHeader(string name, string value)
    {
        var target = Reserve(name.Length + value.Length + 4);
        Ascii.ToLower(name, target, out var count);
        ": "u8.CopyTo(target[count..]);
        count += 2;
        count += Encoding.Latin1.GetBytes(value, target[count..]);
        "\r\n"u8.CopyTo(target[count..]);
        _length += count + 2;
    }

    /// <summary>Writes a piece of a chunked body (RFC 9112, section 7.1).</summary>
    public void AppendChunk(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            // An empty chunk would end the body.
            return;
        }

        Span<byte> size = stackalloc byte[16];
        System.Buffers.Text.Utf8Formatter.TryFormat(bytes.Length, size, out var digits, 'x');
        Append(size[..digits]);
        Append("\r\n"u8);
        Append(bytes);
        Append("\r\n"u8);
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        return _buffer.AsSpan(_length);
    }
}
