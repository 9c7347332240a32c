using System.Buffers.Text;
using System.Text;

namespace Gateway.Forwarding;

/// <summary>Where a response's body ends (RFC 9112, section 6.3), and whether its connection can be used again.</summary>
internal readonly record struct ResponseFraming
{
    /// <summary>Bytes of the body; -1 when chunks or the end of the connection end it.</summary>
    public long Length { get; init; }

    /// <summary>The Content-Length that the client is told, or -1; also that of a response to HEAD.</summary>
    public long DeclaredLength { get; init; } = -1;

    /// <summary>Whether the body comes in chunks.</summary>
    public bool IsChunked { get; init; }

    /// <summary>Whether the connection stays open.</summary>
    public bool KeepsAlive { get; init; }

    /// <summary>Whether the end of the connection ends the body.</summary>
    public bool EndsWithConnection => Length < 0 && !IsChunked;

    /// <summary>Makes an empty framing.</summary>
    public ResponseFraming()
    {
    }

    /// <summary>Takes a header into account.</summary>
    /// <exception cref="UpstreamException">It contradicts another one.</exception>
    public ResponseFraming With(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(name, "Content-Length"u8))
        {
            var isNumber = !value.IsEmpty && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9');
            return isNumber && Utf8Parser.TryParse(value, out long length, out _) && !IsChunked
                && (DeclaredLength < 0 || DeclaredLength == length)
                ? this with { DeclaredLength = length }
                : throw ResponseHead.Invalid("its answer has an invalid Content-Length");
        }

        if (Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8))
        {
            return Ascii.EqualsIgnoreCase(value, "chunked"u8) && !IsChunked && DeclaredLength < 0
                ? this with { IsChunked = true }
                : throw ResponseHead.Invalid("its answer has a Transfer-Encoding that is not understood");
        }

        return Ascii.EqualsIgnoreCase(name, "Connection"u8) ? WithConnection(value) : this;
    }

    /// <summary>The framing of a response with a status to a request.</summary>
    public ResponseFraming For(int status, bool isHead)
    {
        var hasNoBody = isHead || status is < 200 or 204 or 304;
        var isBodyless = status is < 200 or 204;
        return this with
        {
            Length = hasNoBody ? 0 : IsChunked ? -1 : DeclaredLength,
            IsChunked = IsChunked && !hasNoBody,
            DeclaredLength = isBodyless ? -1 : DeclaredLength,
        };
    }

    private ResponseFraming WithConnection(ReadOnlySpan<byte> value)
    {
        var keepsAlive = KeepsAlive;
        foreach (var option in value.Split((byte)','))
        {
            var text = value[option].Trim((byte)' ');
            if (Ascii.EqualsIgnoreCase(text, "close"u8))
            {
                return this with { KeepsAlive = false };
            }

            keepsAlive |= Ascii.EqualsIgnoreCase(text, "keep-alive"u8);
        }

        return this with { KeepsAlive = keepsAlive };
    }
}
