namespace Gateway.Ingress;

/// <summary>
/// Reads a raw request target as nginx reads it: which part is the path, which the query, and the path decoded, with slashes merged
/// and dot segments resolved. Works on bytes; touches nothing else.
/// </summary>
/// <remarks>
/// The rules are nginx's (merge_slashes on), see https://nginx.org/en/docs/http/ngx_http_core_module.html#location: one round of
/// percent decoding, a decoded slash or dot counts as one that was sent in clear, a decoded "?", "#" or "%" does not.
/// </remarks>
internal readonly struct RequestTarget
{
    private RequestTarget(int pathLength, Range query, Range authority, Range unparsed, bool emptyPath, bool quoted)
    {
        PathLength = pathLength;
        Query = query;
        Authority = authority;
        Unparsed = unparsed;
        HasEmptyPath = emptyPath;
        IsQuoted = quoted;
    }

    /// <summary>Length in bytes of the decoded path.</summary>
    public int PathLength { get; }

    /// <summary>The query in the raw target, without "?" and without a fragment; empty when there is none.</summary>
    public Range Query { get; }

    /// <summary>Host and port of an absolute-form target; empty for the origin form.</summary>
    public Range Authority { get; }

    /// <summary>What nginx calls the unparsed URI: the target from its path on, query and fragment included.</summary>
    public Range Unparsed { get; }

    /// <summary>An absolute-form target without a path, such as <c>http://host?x</c>.</summary>
    public bool HasEmptyPath { get; }

    /// <summary>The path had a percent escape.</summary>
    public bool IsQuoted { get; }

    /// <summary>Whether the target is in absolute form.</summary>
    public bool IsAbsolute => !Authority.Equals(default);

    /// <summary>Parses a target.</summary>
    /// <param name="raw">The target of the request line.</param>
    /// <param name="path">Receives the decoded path; at least one byte longer than <paramref name="raw"/>.</param>
    /// <param name="target">The parts.</param>
    /// <returns>False where nginx answers 400.</returns>
    public static bool TryParse(ReadOnlySpan<char> raw, Span<byte> path, out RequestTarget target)
    {
        target = default;
        if (raw.ContainsAnyExceptInRange('!', '\u00FF') || raw.Contains('\u007F'))
        {
            return false;
        }

        var start = 0;
        var authority = default(Range);
        var emptyPath = false;
        if (raw.IsEmpty || raw[0] != '/')
        {
            if (!TryReadAuthority(raw, out authority))
            {
                return false;
            }

            start = authority.End.Value;
            emptyPath = start < raw.Length && raw[start] == '?';
        }

        if (start == raw.Length)
        {
            // "GET http://host HTTP/1.1": nginx points at the slash behind the scheme, so "/" is the path and the unparsed URI.
            path[0] = (byte)'/';
            var slash = raw.IndexOf(':') + 1;
            target = new RequestTarget(1, default, authority, slash..(slash + 1), emptyPath: false, quoted: false);
            return true;
        }

        return TryReadPath(raw, start, emptyPath, authority, path, out target);
    }

    private static bool TryReadPath(
        ReadOnlySpan<char> raw, int start, bool emptyPath, Range authority, Span<byte> path, out RequestTarget target)
    {
        target = default;
        path[0] = (byte)'/';
        var length = 1;
        var segment = 1;
        var quoted = false;
        var query = default(Range);
        var index = emptyPath ? start : start + 1;
        for (; index < raw.Length; index++)
        {
            var value = raw[index];
            if (value is '?' or '#')
            {
                if (value == '?')
                {
                    var fragment = raw[(index + 1)..].IndexOf('#');
                    query = (index + 1)..(fragment < 0 ? raw.Length : index + 1 + fragment);
                }

                break;
            }

            if (value == '%')
            {
                quoted = true;
                if (!TryDecode(raw, index, out value))
                {
                    return false;
                }

                index += 2;
                if (value is '%' or '#' or '?')
                {
                    path[length++] = (byte)value;
                    continue;
                }
            }

            if (value != '/')
            {
                path[length++] = (byte)value;
            }
            else if (!TryEndSegment(path, ref length, ref segment, slash: true))
            {
                return false;
            }
        }

        if (!TryEndSegment(path, ref length, ref segment, slash: false))
        {
            return false;
        }

        target = new RequestTarget(length, query, authority, start..raw.Length, emptyPath, quoted);
        return true;
    }

    /// <summary>Ends the segment that began at <paramref name="segment"/>: drops empty and dot segments, appends the slash.</summary>
    private static bool TryEndSegment(Span<byte> path, ref int length, ref int segment, bool slash)
    {
        var text = path[segment..length];
        if (text.SequenceEqual(".."u8))
        {
            if (segment == 1)
            {
                return false;
            }

            length = path[..(segment - 1)].LastIndexOf((byte)'/') + 1;
        }
        else if (text.SequenceEqual("."u8))
        {
            length = segment;
        }
        else if (!text.IsEmpty && slash)
        {
            path[length++] = (byte)'/';
        }

        segment = length;
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<char> raw, int index, out char value)
    {
        value = default;
        if (index + 2 >= raw.Length)
        {
            return false;
        }

        var high = HexValue(raw[index + 1]);
        var low = HexValue(raw[index + 2]);
        value = (char)((high << 4) | low);
        return (high | low) >= 0 && value != 0;
    }

    private static int HexValue(char digit) => char.IsAsciiHexDigit(digit) ? (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10) : -1;

    /// <summary>Reads <c>scheme://host[:port]</c> and gives the range of host and port.</summary>
    private static bool TryReadAuthority(ReadOnlySpan<char> raw, out Range authority)
    {
        authority = default;
        var colon = raw.IndexOf(':');
        if (colon < 1 || !char.IsAsciiLetter(raw[0]) || raw[..colon].ContainsAnyExcept(AbsoluteForm.Scheme)
            || !raw[(colon + 1)..].StartsWith("//", StringComparison.Ordinal))
        {
            return false;
        }

        var start = colon + 3;
        var rest = raw[start..];
        int host;
        if (rest.Length > 0 && rest[0] == '[')
        {
            var close = rest.IndexOf(']');
            if (close < 0 || rest[1..close].ContainsAnyExcept(AbsoluteForm.IpLiteral))
            {
                return false;
            }

            host = close + 1;
        }
        else
        {
            host = rest.IndexOfAnyExcept(AbsoluteForm.Host);
            host = host < 0 ? rest.Length : host;
        }

        var end = host;
        if (end < rest.Length && rest[end] == ':')
        {
            var port = rest[(end + 1)..].IndexOfAnyExceptInRange('0', '9');
            end = port < 0 ? rest.Length : end + 1 + port;
        }

        authority = start..(start + end);
        return host > 0 && (end == rest.Length || rest[end] is '/' or '?');
    }
}
