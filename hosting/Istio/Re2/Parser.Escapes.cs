namespace Istio.Re2;

/// <summary>Backslashes and <c>(?...)</c>.</summary>
internal sealed partial class Parser
{
    private bool ParseBackslash()
    {
        switch (_position + 1 < _pattern.Length ? _pattern[_position + 1] : '\0')
        {
            case 'b':
                return Push(new AssertionNode(Assertion.WordBoundary), 2);
            case 'B':
                return Push(new AssertionNode(Assertion.NotWordBoundary), 2);
            case 'A':
                return Push(new AssertionNode(Assertion.BeginText), 2);
            case 'z':
                return Push(new AssertionNode(Assertion.EndText), 2);
            case 'C':
                return Fail(Re2ErrorCode.BadEscape, _position, _position + 2, "Istio's validation refuses it as well");
            case 'Q':
                ParseQuotation();
                return true;
            case 'p' or 'P':
                return PushUnicodeClass();
        }

        if (PerlClass(_position) is { } set)
        {
            var builder = new RuneSetBuilder();
            builder.Add(set, char.IsAsciiLetterUpper(_pattern[_position + 1]), FoldCase);
            PushSet(builder.ToSet());
            _position += 2;
            return true;
        }

        if (!ParseEscape(out var rune))
        {
            return false;
        }

        PushLiteral(rune);
        return true;
    }

    private bool PushUnicodeClass()
    {
        var builder = new RuneSetBuilder();
        if (!ParseUnicodeClass(builder))
        {
            return false;
        }

        PushSet(builder.ToSet());
        return true;
    }

    /// <summary>Everything from <c>\Q</c> to <c>\E</c> or to the end is literal.</summary>
    private void ParseQuotation()
    {
        for (_position += 2; _position < _pattern.Length;)
        {
            if (At(0, '\\') && At(1, 'E'))
            {
                _position += 2;
                return;
            }

            PushLiteral(NextRune());
        }
    }

    private bool ParseEscape(out int rune)
    {
        var start = _position;
        rune = 0;
        if (++_position == _pattern.Length)
        {
            _error = new(Re2ErrorCode.TrailingBackslash, "trailing \\", start);
            return false;
        }

        var c = NextRune();
        switch (c)
        {
            case >= '1' and <= '7' when !AtOctalDigit():
                // A back reference, which RE2 does not have.
                return Fail(Re2ErrorCode.BadEscape, start, _position);
            case >= '0' and <= '7':
                rune = c - '0';
                for (var i = 0; i < 2 && AtOctalDigit(); i++)
                {
                    rune = (rune * 8) + _pattern[_position++] - '0';
                }

                return true;
            case 'x':
                return TryReadHexEscape(ref rune) || Fail(Re2ErrorCode.BadEscape, start, _position);
            default:
                rune = c switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'a' => '\a', 'f' => '\f', 'v' => '\v', _ => c };
                return rune != c || (c < 128 && !char.IsAsciiLetterOrDigit((char)c)) || Fail(Re2ErrorCode.BadEscape, start, _position);
        }
    }

    private bool AtOctalDigit() => _position < _pattern.Length && _pattern[_position] is >= '0' and <= '7';

    private bool TryReadHexEscape(ref int rune)
    {
        if (_position == _pattern.Length)
        {
            return false;
        }

        var c = NextRune();
        if (c != '{')
        {
            var second = _position < _pattern.Length ? NextRune() : 0;
            rune = (HexDigit(c) << 4) | HexDigit(second);
            return rune >= 0;
        }

        for (var digits = 0; _position < _pattern.Length; digits++)
        {
            c = NextRune();
            if (HexDigit(c) < 0)
            {
                return c == '}' && digits > 0;
            }

            rune = (rune << 4) | HexDigit(c);
            if (rune > RuneSet.MaxRune)
            {
                return false;
            }
        }

        return false;
    }

    private static int HexDigit(int c) => c < 128 && char.IsAsciiHexDigit((char)c) ? (c & 15) + (c > '9' ? 9 : 0) : -1;

    private bool ParsePerlGroup()
    {
        // A look-around is named as what it is, with the < of a look-behind.
        var behind = At(2, '<') ? 1 : 0;
        if (At(2 + behind, '=') || At(2 + behind, '!'))
        {
            return Fail(Re2ErrorCode.BadPerlOp, _position, _position + 3 + behind);
        }

        var nameAt = _position + (At(2, 'P') && At(3, '<') ? 4 : At(2, '<') ? 3 : _pattern.Length);
        return nameAt < _pattern.Length ? ParseNamedGroup(nameAt) : ParseFlags();
    }

    private bool ParseNamedGroup(int nameAt)
    {
        var close = _pattern.IndexOf('>', nameAt);
        if (close < 0)
        {
            return Fail(Re2ErrorCode.BadNamedCapture, _position, _pattern.Length);
        }

        var name = _pattern[nameAt..close];
        if (name.Length == 0 || !name.EnumerateRunes().All(rune => NameRunes.Value.Contains(rune.Value)))
        {
            return Fail(Re2ErrorCode.BadNamedCapture, _position, close + 1);
        }

        if (!_names.Add(name))
        {
            return Fail(Re2ErrorCode.BadNamedCapture, _position, close + 1, "Istio's validation refuses a name used twice");
        }

        OpenGroup(++_captures, close + 1);
        return true;
    }

    /// <summary>Reads <c>(?flags)</c>, <c>(?flags:</c>, with <c>-</c> before flags to clear.</summary>
    private bool ParseFlags()
    {
        var start = _position;
        var flags = _flags;
        var clears = false;
        var sawFlag = false;
        for (_position += 2; _position < _pattern.Length;)
        {
            var c = NextRune();
            if (c is ')' or ':' && (sawFlag || !clears))
            {
                var end = _position;
                if (c == ':')
                {
                    _position = start;
                    OpenGroup(0, end);
                }

                _flags = flags;
                return true;
            }

            var flag = c switch
            {
                'i' => PatternFlags.FoldCase,
                'm' => PatternFlags.MultiLine,
                's' => PatternFlags.DotNewline,
                'U' => PatternFlags.NonGreedy,
                _ => PatternFlags.None,
            };
            sawFlag = flag != PatternFlags.None;
            if (!sawFlag && (c != '-' || clears))
            {
                break;
            }

            clears |= c == '-';
            flags = clears ? flags & ~flag : flags | flag;
        }

        return Fail(Re2ErrorCode.BadPerlOp, start, _position);
    }
}
