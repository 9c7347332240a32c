using System.Buffers;

namespace Gateway.Routing;

/// <summary>
/// Canonicalises a path as Chromium's URL library does, which is Envoy's: dot segments resolved (also written <c>%2e</c>), escapes of
/// unreserved characters decoded, backslashes turned, characters that may not stand in a path escaped. Slashes are not merged.
/// </summary>
/// <remarks>Chromium, url/url_canon_path.cc; the cases of istio's tests/integration/security/normalization_test.go hold here.</remarks>
internal ref struct PathCanonicalizer
{
    private const int BufferOnStack = 512;

    // What needs a closer look. Everything else is copied.
    private static readonly SearchValues<char> Special = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0x21).Select(code => (char)code), .. "\"#%.<>?\\^`{|}",
        .. Enumerable.Range(0x7F, 0x81).Select(code => (char)code),
    ]);

    private readonly ReadOnlySpan<char> _path;
    private readonly Span<char> _output;
    private int _length;

    // Where in the output a percent sign stands that began no escape; what is decoded behind it must not make it one.
    private int _loosePercent = int.MinValue;

    private PathCanonicalizer(ReadOnlySpan<char> path, Span<char> output)
    {
        _path = path;
        _output = output;
    }

    /// <summary>Canonicalises a path; the same text when it is canonical.</summary>
    /// <returns>False for a path with <c>%00</c> or a character that is not on the wire.</returns>
    public static bool TryCanonicalize(ref string path)
    {
        if (path.Length > 0 && path[0] == '/' && IsPlain(path))
        {
            return true;
        }

        // An escape is three characters for one.
        var size = (path.Length * 3) + 1;
        var rented = size > BufferOnStack ? ArrayPool<char>.Shared.Rent(size) : null;
        var canonicalizer = new PathCanonicalizer(path, rented ?? stackalloc char[BufferOnStack]);
        var isValid = canonicalizer.Run();
        if (isValid && !canonicalizer.Result.SequenceEqual(path))
        {
            path = canonicalizer.Result.ToString();
        }

        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return isValid;
    }

    private readonly ReadOnlySpan<char> Result => _output[.._length];

    /// <summary>True for a path that needs no change: no special character but dots inside segments.</summary>
    private static bool IsPlain(string path)
    {
        var rest = path.AsSpan();
        while (rest.IndexOfAny(Special) is >= 0 and var index)
        {
            var at = path.Length - rest.Length + index;
            if (path[at] != '.' || path[at - 1] == '/')
            {
                return false;
            }

            rest = rest[(index + 1)..];
        }

        return !path.AsSpan().ContainsAnyExceptInRange('\0', '\xFF');
    }

    private bool Run()
    {
        if (_path.IsEmpty || _path[0] is not ('/' or '\\'))
        {
            Append('/');
        }

        for (var i = 0; i < _path.Length;)
        {
            var value = _path[i];
            var dot = DotLength(i);
            if (dot > 0)
            {
                i += dot + AppendDot(i + dot);
            }
            else if (value == '%')
            {
                if (!AppendEscape(i, out var consumed))
                {
                    return false;
                }

                i += consumed;
            }
            else
            {
                if (value is '\0' or > '\xFF')
                {
                    return false;
                }

                AppendPlain(value);
                i++;
            }
        }

        return true;
    }

    private void AppendPlain(char value)
    {
        if (value == '\\')
        {
            Append('/');
        }
        else if (Special.Contains(value))
        {
            AppendEscaped(value);
        }
        else
        {
            Append(value);
        }
    }

    /// <summary>Takes a dot that was read, and the rest of its segment when that is one of dots; gives how much more was read.</summary>
    private int AppendDot(int next)
    {
        if (_length == 0 || _output[_length - 1] != '/')
        {
            Append('.');
            return 0;
        }

        if (IsEndOfSegment(next, out var slash))
        {
            return slash;
        }

        var second = DotLength(next);
        if (second > 0 && IsEndOfSegment(next + second, out slash))
        {
            if (_length > 1)
            {
                _length = _output[..(_length - 1)].LastIndexOf('/') + 1;
            }

            return second + slash;
        }

        Append('.');
        return 0;
    }

    private readonly bool IsEndOfSegment(int index, out int slash)
    {
        slash = index < _path.Length ? 1 : 0;
        return index == _path.Length || _path[index] is '/' or '\\';
    }

    /// <summary>Length of a dot at an index, 1 in clear and 3 escaped; 0 for anything else.</summary>
    private readonly int DotLength(int index)
    {
        if (index >= _path.Length)
        {
            return 0;
        }

        return _path[index] == '.' ? 1 : _path[index..] is ['%', '2', 'e' or 'E', ..] ? 3 : 0;
    }

    /// <summary>Decodes an escape of an unreserved character; any other one stays as it is written.</summary>
    private bool AppendEscape(int index, out int consumed)
    {
        if (_path.Length - index < 3 || !char.IsAsciiHexDigit(_path[index + 1]) || !char.IsAsciiHexDigit(_path[index + 2]))
        {
            consumed = 1;
            _loosePercent = _length;
            Append('%');
            return true;
        }

        consumed = 3;
        var value = (char)((Hex(_path[index + 1]) << 4) | Hex(_path[index + 2]));
        if (char.IsAsciiLetterOrDigit(value) || value is '-' or '_' or '~')
        {
            Append(value);
            if (_loosePercent >= _length - 3)
            {
                KeepPercentLoose(index + consumed);
            }

            return true;
        }

        Append('%');
        Append(_path[index + 1]);
        Append(_path[index + 2]);
        return value != 0;
    }

    /// <summary>Escapes a loose percent sign when what was decoded behind it would make an escape of it: <c>%%300</c>.</summary>
    private void KeepPercentLoose(int next)
    {
        var isFirst = _loosePercent == _length - 2;
        var first = _output[_loosePercent + 1];
        var second = !isFirst ? _output[_length - 1] : next < _path.Length ? _path[next] : '\0';
        if (!char.IsAsciiHexDigit(first) || !char.IsAsciiHexDigit(second))
        {
            return;
        }

        _length = _loosePercent + 1;
        Append('2');
        Append('5');
        Append(first);
        if (!isFirst)
        {
            Append(second);
        }
    }

    private void AppendEscaped(char value)
    {
        Append('%');
        Append("0123456789ABCDEF"[value >> 4]);
        Append("0123456789ABCDEF"[value & 15]);
    }

    private void Append(char value) => _output[_length++] = value;

    private static int Hex(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
