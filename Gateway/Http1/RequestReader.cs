using System.Buffers;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Gateway.Http1;

/// <summary>
/// Reads the heads of the requests of one connection, as far as they are plain: a GET or HEAD without a body, whose head came in one piece
/// and has nothing in it that needs thought. Whatever a head shares with the one before on its connection is not read, and made into text,
/// again: clients repeat themselves.
/// </summary>
internal sealed class RequestReader
{
    private const int MostLines = 128;

    // RFC 3986, section 3.3 and 3.4, without escapes: a path without them needs no decoding.
    private static readonly SearchValues<byte> TargetBytes =
        SearchValues.Create("/?:@!$&'()*+,;=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> HostBytes =
        SearchValues.Create(".:-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private readonly HeadLines _lines = new(MostLines);

    /// <summary>GET or HEAD.</summary>
    public string Method { get; private set; } = "";

    /// <summary>The target as it came.</summary>
    public string Target { get; private set; } = "";

    /// <summary>Its path.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Its query with the question mark; empty without one.</summary>
    public string Query { get; private set; } = "";

    /// <summary>Finds the end of a head in what has come: its length, or 0 when it is not there in one piece.</summary>
    public static int FindEnd(in ReadOnlySequence<byte> received) => HeadLines.FindEnd(received.FirstSpan);

    /// <summary>Reads a head.</summary>
    /// <param name="head">The bytes up to and with the empty line.</param>
    /// <param name="headers">Takes the headers.</param>
    /// <returns>False when the request is not plain.</returns>
    public bool TryRead(ReadOnlySpan<byte> head, HeaderList headers)
    {
        if (!_lines.AreThoseOf(head) && !TryParse(head))
        {
            _lines.Clear();
            return false;
        }

        foreach (var line in _lines.Lines)
        {
            headers.Append(line);
        }

        return true;
    }

    private bool TryParse(ReadOnlySpan<byte> head)
    {
        var start = head.IndexOf((byte)'\n') + 1;
        return (head[..start].SequenceEqual(_lines.StartLine) || TryParseRequestLine(head[..start]))
            && _lines.TryRead(head, start, ParseLine)
            && HasHost(_lines.Lines)
            && !HasTwins(_lines.Lines);
    }

    private bool TryParseRequestLine(ReadOnlySpan<byte> line)
    {
        var isHead = line.StartsWith("HEAD /"u8);
        if ((!isHead && !line.StartsWith("GET /"u8)) || !line.EndsWith(" HTTP/1.1\r\n"u8))
        {
            return false;
        }

        var target = line[(isHead ? 5 : 4)..^11];
        if (target.ContainsAnyExcept(TargetBytes) || target.IndexOf("/."u8) >= 0)
        {
            return false;
        }

        Method = isHead ? HttpMethods.Head : HttpMethods.Get;
        Target = Encoding.ASCII.GetString(target);
        var query = Target.IndexOf('?', StringComparison.Ordinal);
        (Path, Query) = query < 0 ? (Target, "") : (Target[..query], Target[query..]);
        return true;
    }

    private static HeaderLine? ParseLine(ReadOnlySpan<byte> line, HeaderLine? before)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 1 || line[^2] != '\r' || !HeaderCharacters.IsName(line[..colon]))
        {
            return null;
        }

        var name = line[..colon];
        var value = line[(colon + 1)..^2].Trim((byte)' ');
        return value.ContainsAnyExceptInRange((byte)' ', (byte)'~') || !IsPlain(name, value) ? null : HeaderLine.Of(name, value, before);
    }

    /// <summary>Whether a header says nothing about the connection, but that it stays, promises no body, and names no odd host.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => name.Length switch
    {
        2 => !Is(name, "te"u8),
        4 => !Is(name, "host"u8) || (!value.IsEmpty && !value.ContainsAnyExcept(HostBytes)),
        6 => !Is(name, "expect"u8),
        7 => !Is(name, "upgrade"u8) && !Is(name, "trailer"u8),
        10 => !Is(name, "connection"u8) || Is(value, "keep-alive"u8),
        14 => !Is(name, "content-length"u8) && !Is(name, "http2-settings"u8),
        16 => !Is(name, "x-content-length"u8) && !Is(name, "proxy-connection"u8),
        17 => !Is(name, "transfer-encoding"u8),
        _ => true,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(name, other);

    private static bool HasHost(ReadOnlySpan<HeaderLine> lines)
    {
        foreach (var line in lines)
        {
            if (string.Equals(line.Name, HeaderNames.Host, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasTwins(ReadOnlySpan<HeaderLine> lines)
    {
        for (var i = 1; i < lines.Length; i++)
        {
            foreach (var other in lines[..i])
            {
                if (other.Name.Length == lines[i].Name.Length && other.Name.Equals(lines[i].Name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
