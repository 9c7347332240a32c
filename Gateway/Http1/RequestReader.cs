using System.Buffers;
using System.Text;

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

    private readonly Line[] _lines = new Line[MostLines];
    private byte[] _head = [];
    private int _length;
    private int _count;
    private int _requestLine;

    /// <summary>GET or HEAD.</summary>
    public string Method { get; private set; } = "";

    /// <summary>The target as it came.</summary>
    public string Target { get; private set; } = "";

    /// <summary>Its path.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Its query with the question mark; empty without one.</summary>
    public string Query { get; private set; } = "";

    /// <summary>Finds the end of a head in what has come: its length, or 0 when it is not there in one piece.</summary>
    public static int FindEnd(in ReadOnlySequence<byte> received)
    {
        var end = received.FirstSpan.IndexOf("\r\n\r\n"u8);
        return end < 0 ? 0 : end + 4;
    }

    /// <summary>Reads a head.</summary>
    /// <param name="head">The bytes up to and with the empty line.</param>
    /// <param name="headers">Takes the headers.</param>
    /// <returns>False when the request is not plain.</returns>
    public bool TryRead(ReadOnlySpan<byte> head, HeaderList headers)
    {
        if (!head.SequenceEqual(_head.AsSpan(0, _length)) && !TryParse(head))
        {
            (_length, _count, _requestLine) = (0, 0, 0);
            return false;
        }

        for (var i = 0; i < _count; i++)
        {
            headers.Append(_lines[i].Name, _lines[i].Value);
        }

        return true;
    }

    private bool TryParse(ReadOnlySpan<byte> head)
    {
        var start = head.IndexOf((byte)'\n') + 1;
        var line = head[..start];
        if (!line.SequenceEqual(_head.AsSpan(0, _requestLine)) && !TryParseRequestLine(line))
        {
            return false;
        }

        var requestLine = start;
        var (count, hasHost) = (0, false);
        while (start < head.Length - 2)
        {
            line = head[start..];
            line = line[..(line.IndexOf((byte)'\n') + 1)];
            if (count == MostLines || !TryParseLine(ref _lines[count], line, isKnown: count < _count))
            {
                return false;
            }

            _lines[count].Start = start;
            hasHost |= _lines[count].IsHost;
            start += line.Length;
            count++;
        }

        if (!hasHost || HasTwins(_lines.AsSpan(0, count)))
        {
            return false;
        }

        Remember(head, requestLine, count);
        return true;
    }

    private void Remember(ReadOnlySpan<byte> head, int requestLine, int count)
    {
        if (_head.Length < head.Length)
        {
            _head = GC.AllocateUninitializedArray<byte>(Math.Max(head.Length, 512));
        }

        head.CopyTo(_head);
        (_length, _requestLine, _count) = (head.Length, requestLine, count);
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

    /// <summary>Reads a header line, unless the line in its place was the same in the head before.</summary>
    private bool TryParseLine(ref Line known, ReadOnlySpan<byte> line, bool isKnown)
    {
        if (isKnown && line.SequenceEqual(_head.AsSpan(known.Start, known.Length)))
        {
            return true;
        }

        var colon = line.IndexOf((byte)':');
        if (colon < 1 || line[^2] != '\r' || !HeaderCharacters.IsName(line[..colon]))
        {
            return false;
        }

        var value = line[(colon + 1)..^2].Trim((byte)' ');
        var isHost = Is(line[..colon], "host"u8);
        if (value.ContainsAnyExceptInRange((byte)' ', (byte)'~') || !IsPlain(line[..colon], value)
            || (isHost && (value.IsEmpty || value.ContainsAnyExcept(HostBytes))))
        {
            return false;
        }

        known = new Line(Encoding.ASCII.GetString(line[..colon]), Encoding.ASCII.GetString(value), line.Length, isHost);
        return true;
    }

    /// <summary>Whether a header says nothing about the connection, but that it stays, and promises no body.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => name.Length switch
    {
        2 => !Is(name, "te"u8),
        6 => !Is(name, "expect"u8),
        7 => !Is(name, "upgrade"u8) && !Is(name, "trailer"u8),
        10 => !Is(name, "connection"u8) || Is(value, "keep-alive"u8),
        14 => !Is(name, "content-length"u8) && !Is(name, "http2-settings"u8),
        16 => !Is(name, "x-content-length"u8) && !Is(name, "proxy-connection"u8),
        17 => !Is(name, "transfer-encoding"u8),
        _ => true,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(name, other);

    private static bool HasTwins(ReadOnlySpan<Line> lines)
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

    private record struct Line(string Name, string Value, int Length, bool IsHost)
    {
        public int Start { get; set; }
    }
}
