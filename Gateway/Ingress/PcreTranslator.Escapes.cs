using System.Globalization;

namespace Gateway.Ingress;

/// <content>Escape sequences and bracket classes.</content>
internal sealed partial class PcreTranslator
{
    private const string HorizontalSpace = "\\t \uE0A0";
    private const string VerticalSpace = "\\n\\u000B\\f\\r\uE085";

    private static readonly Dictionary<string, string> PosixClasses = new(StringComparer.Ordinal)
    {
        ["alnum"] = "a-zA-Z0-9",
        ["alpha"] = "a-zA-Z",
        ["ascii"] = "\\u0000-\\u007F",
        ["blank"] = " \\t",
        ["cntrl"] = "\\u0000-\\u001F\\u007F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = " -~",
        ["punct"] = "!-/:-@\\[-`{-~",
        ["space"] = "\\t-\\r ",
        ["upper"] = "A-Z",
        ["word"] = "a-zA-Z0-9_",
        ["xdigit"] = "0-9a-fA-F",
    };

    /// <summary>Reads an escape outside a class; false when it gave no atom (an empty quotation).</summary>
    private bool Escape()
    {
        var start = _position++;
        if (AtEnd)
        {
            throw Error("backslash at the end", start);
        }

        var value = _pattern[_position++];
        if (value is >= '1' and <= '9')
        {
            if (!AtEnd && char.IsAsciiDigit(Current))
            {
                throw Error("references and octal codes of several digits are not supported: write \\g{N} or \\o{NNN}", start);
            }

            Reference(value - '0');
            return true;
        }

        switch (value)
        {
            case 'Q':
                return Quotation();
            case 'E':
                return false;
            case 'd' or 'D' or 'w' or 'W' or 's' or 'S' or 'b' or 'B' or 'A' or 'Z' or 'z' or 'G':
                _output.Append('\\').Append(value);
                return true;
            case 'h' or 'v':
                _output.Append('[').Append(value == 'h' ? HorizontalSpace : VerticalSpace).Append(']');
                return true;
            case 'H' or 'V':
                _output.Append("[^").Append(value == 'H' ? HorizontalSpace : VerticalSpace).Append(']');
                return true;
            case 'N':
                _output.Append("[^\\n]");
                return true;
            case 'R':
                _output.Append("(?>\\r\\n|[").Append(VerticalSpace).Append("])");
                return true;
            case 'g' or 'k':
                Reference(ReferenceByEscape(value, start));
                return true;
            default:
                Literal(Character(value, start));
                return true;
        }
    }

    /// <summary><c>\Q...\E</c>: all but the last character go out here, so that a quantifier behind it repeats the last alone.</summary>
    private bool Quotation()
    {
        var end = _pattern.IndexOf("\\E", _position, StringComparison.Ordinal);
        var text = _pattern[_position..(end < 0 ? _pattern.Length : end)];
        _position = end < 0 ? _pattern.Length : end + 2;
        foreach (var value in text)
        {
            Literal(value);
        }

        if (text.Length > 0 && !AtEnd && QuantifierLength(_position) > 0)
        {
            throw Error("a quantifier behind \\Q...\\E is not supported");
        }

        return false;
    }

    private int ReferenceByEscape(char kind, int start)
    {
        if (AtEnd || (kind == 'k' ? Current is not ('<' or '{' or '\'') : Current != '{' && !char.IsAsciiDigit(Current)))
        {
            throw Error("this kind of reference is not supported", start);
        }

        if (char.IsAsciiDigit(Current))
        {
            return _pattern[_position++] - '0';
        }

        var close = Current == '<' ? '>' : Current == '{' ? '}' : '\'';
        _position++;
        var end = _pattern.IndexOf(close, _position);
        var content = end < 0 ? "" : _pattern[_position..end];
        if (int.TryParse(content, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            number = number < 0 ? _groups + 1 + number : number;
        }

        number = number > 0 ? number : _names.GetValueOrDefault(content);
        _position = number > 0 ? end + 1 : throw Error("reference to an unknown group", start);
        return number;
    }

    /// <summary>The character an escape stands for.</summary>
    private char Character(char value, int start)
    {
        switch (value)
        {
            case 'a':
                return '\u0007';
            case 'e':
                return '\u001B';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'x' when !AtEnd && Current == '{':
                return Code('}', 16, start);
            case 'x':
                return ByteAlphabet.Map(Digits(2, 16));
            case 'o' when !AtEnd && Current == '{':
                return Code('}', 8, start);
            case '0':
                return ByteAlphabet.Map(Digits(2, 8));
            case 'c' when !AtEnd && Current is >= ' ' and <= '~':
                return (char)(char.ToUpperInvariant(_pattern[_position++]) ^ 0x40);
            default:
                return char.IsAsciiLetterOrDigit(value) ? throw Error($"\\{value} is not supported", start) : value;
        }
    }

    private int Digits(int most, int numberBase)
    {
        var number = 0;
        for (; most > 0 && !AtEnd && char.IsAsciiHexDigit(Current) && Convert.ToInt32($"{Current}", 16) < numberBase; most--)
        {
            number = (number * numberBase) + Convert.ToInt32($"{_pattern[_position++]}", 16);
        }

        return number;
    }

    private char Code(char end, int numberBase, int start)
    {
        _position++;
        var number = Digits(4, numberBase);
        if (AtEnd || Current != end || number > 0xFF)
        {
            throw Error("a character code from 0 to 255 in braces is missing", start);
        }

        _position++;
        return ByteAlphabet.Map(number);
    }

    private void Class()
    {
        var start = _position++;
        _output.Append('[');
        if (!AtEnd && Current == '^')
        {
            _output.Append('^');
            _position++;
        }

        // A closing bracket in first place is a literal.
        for (var first = true; AtEnd || Current != ']' || first; first = false)
        {
            if (AtEnd)
            {
                throw Error("missing closing bracket", start);
            }

            ClassItem(start);
        }

        _position++;
        _output.Append(']');
    }

    private void ClassItem(int start)
    {
        if (Current == '[' && _position + 1 < _pattern.Length && _pattern[_position + 1] is ':' or '.' or '=')
        {
            if (TryPosixClass())
            {
                return;
            }
        }

        var value = _pattern[_position++];
        if (value != '\\')
        {
            ClassCharacter(value);
            return;
        }

        if (AtEnd)
        {
            throw Error("missing closing bracket", start);
        }

        value = _pattern[_position++];
        switch (value)
        {
            case 'd' or 'D' or 'w' or 'W' or 's' or 'S':
                _output.Append('\\').Append(value);
                break;
            case 'h' or 'v':
                _output.Append(value == 'h' ? HorizontalSpace : VerticalSpace);
                break;
            case 'b':
                _output.Append("\\u0008");
                break;
            case 'H' or 'V' or 'Q' or 'E' or 'N' or 'R' or 'X' or 'B':
                throw Error($"\\{value} in a class is not supported", _position - 2);
            case >= '1' and <= '7':
                _position--;
                Literal(ByteAlphabet.Map(Digits(3, 8) & 0xFF));
                break;
            default:
                Literal(Character(value, _position - 2));
                break;
        }
    }

    /// <summary>A character of a class. A hyphen stays one, for ranges; "[" is escaped, for .NET subtracts classes with "-[".</summary>
    private void ClassCharacter(char value)
    {
        if (value == '-')
        {
            _output.Append('-');
        }
        else
        {
            Literal(value);
        }
    }

    private bool TryPosixClass()
    {
        var kind = _pattern[_position + 1];
        var end = _pattern.IndexOf($"{kind}]", _position + 2, StringComparison.Ordinal);
        var name = end < 0 ? "" : _pattern[(_position + 2)..end];
        if (end < 0 || !name.All(c => char.IsAsciiLetter(c) || c == '^'))
        {
            return false;
        }

        if (kind != ':' || !PosixClasses.TryGetValue(name, out var ranges))
        {
            throw Error($"the class [{kind}{name}{kind}] is not supported");
        }

        _output.Append(ranges);
        _position = end + 2;
        return true;
    }
}
