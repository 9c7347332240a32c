using System.Globalization;
using Gateway.Http1;
using Microsoft.Net.Http.Headers;

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
    public ResponseFraming With(HeaderLine line)
    {
        var name = line.Name;
        var value = line.Value.AsSpan();
        if (Is(name, HeaderNames.ContentLength))
        {
            return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && !IsChunked
                && (DeclaredLength < 0 || DeclaredLength == length)
                ? this with { DeclaredLength = length }
                : throw ResponseHead.Invalid("its answer has an invalid Content-Length");
        }

        if (Is(name, HeaderNames.TransferEncoding))
        {
            return Is(value, "chunked") && !IsChunked && DeclaredLength < 0
                ? this with { IsChunked = true }
                : throw ResponseHead.Invalid("its answer has a Transfer-Encoding that is not understood");
        }

        return Is(name, HeaderNames.Connection) ? WithConnection(value) : this;
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

    private ResponseFraming WithConnection(ReadOnlySpan<char> value)
    {
        var keepsAlive = KeepsAlive;
        foreach (var option in value.Split(','))
        {
            var text = value[option].Trim(' ');
            if (Is(text, "close"))
            {
                return this with { KeepsAlive = false };
            }

            keepsAlive |= Is(text, "keep-alive");
        }

        return this with { KeepsAlive = keepsAlive };
    }

    private static bool Is(ReadOnlySpan<char> text, string other) => text.Equals(other, StringComparison.OrdinalIgnoreCase);
}
