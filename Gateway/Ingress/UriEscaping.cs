using System.Buffers;

namespace Gateway.Ingress;

/// <summary>
/// Writes a decoded path as nginx's proxy module writes a rewritten one: upper-case hexadecimal escapes for what RFC 3986 does not
/// allow in a URI, and for "#", "%" and "?"; everything else stays as it is.
/// </summary>
internal static class UriEscaping
{
    private static readonly SearchValues<byte> Unescaped = SearchValues.Create(
        "!$&'()*+,-./0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~"u8);

    /// <summary>The request target of a decoded path and a query, which goes on as it came; an empty query leaves no "?".</summary>
    public static string Target(ReadOnlySpan<byte> path, ReadOnlySpan<char> query)
    {
        var length = Length(path);
        var parts = new Parts(path, query, length);
        return string.Create(length + (query.IsEmpty ? 0 : query.Length + 1), parts, static (destination, source) =>
        {
            Write(source.Path, destination);
            if (!source.Query.IsEmpty)
            {
                destination[source.EscapedLength] = '?';
                source.Query.CopyTo(destination[(source.EscapedLength + 1)..]);
            }
        });
    }

    private static int Length(ReadOnlySpan<byte> path)
    {
        var length = path.Length;
        while (path.IndexOfAnyExcept(Unescaped) is var index and >= 0)
        {
            length += 2;
            path = path[(index + 1)..];
        }

        return length;
    }

    private static void Write(ReadOnlySpan<byte> path, Span<char> destination)
    {
        var written = 0;
        foreach (var value in path)
        {
            if (Unescaped.Contains(value))
            {
                destination[written++] = (char)value;
            }
            else
            {
                destination[written++] = '%';
                destination[written++] = HexDigit(value >> 4);
                destination[written++] = HexDigit(value & 0xF);
            }
        }
    }

    private static char HexDigit(int value) => (char)(value < 10 ? '0' + value : 'A' + value - 10);

    private readonly ref struct Parts(ReadOnlySpan<byte> path, ReadOnlySpan<char> query, int escapedLength)
    {
        public ReadOnlySpan<byte> Path { get; } = path;

        public ReadOnlySpan<char> Query { get; } = query;

        public int EscapedLength { get; } = escapedLength;
    }
}
