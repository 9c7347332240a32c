using System.Text;

namespace Gateway.Ingress;

/// <summary>
/// Translates a PCRE pattern, as nginx compiles it (bytes, no UTF mode, C locale), to the .NET language with the same meaning on the
/// alphabet of <see cref="ByteAlphabet"/>. What cannot be translated faithfully is refused with its position.
/// </summary>
/// <remarks>Specification: https://www.pcre.org/current/doc/html/pcre2pattern.html</remarks>
internal sealed partial class PcreTranslator
{
    private readonly string _pattern;
    private readonly StringBuilder _output = new();
    private readonly Dictionary<string, int> _names = [];
    private int _position;
    private int _groups;
    private int _depth;
    private int _highestReference;
    private int _highestReferencePosition;

    private PcreTranslator(string pattern) => _pattern = ByteAlphabet.Map(Encoding.UTF8.GetBytes(pattern));

    private bool AtEnd => _position >= _pattern.Length;

    private char Current => _pattern[_position];

    /// <summary>Translates a pattern.</summary>
    /// <param name="pattern">The pattern as it stands in the resource.</param>
    /// <returns>The .NET pattern, its number of capturing groups and the numbers of named groups.</returns>
    /// <exception cref="PcreException">No valid PCRE, or not supported.</exception>
    public static (string Pattern, int Groups, IReadOnlyDictionary<string, int> Names) Translate(string pattern)
    {
        var translator = new PcreTranslator(pattern);
        translator.Alternatives();
        if (!translator.AtEnd)
        {
            throw translator.Error("unmatched closing parenthesis");
        }

        if (translator._highestReference > translator._groups)
        {
            throw new PcreException(
                translator._highestReferencePosition, $"reference to group {translator._highestReference}, which does not exist");
        }

        return (translator._output.ToString(), translator._groups, translator._names);
    }

    private void Alternatives()
    {
        // PCRE limits nesting as well (parentheses nest limit, 250).
        if (++_depth > 250)
        {
            throw Error("parentheses nest too deeply");
        }

        while (!AtEnd && Current != ')')
        {
            if (Current == '|')
            {
                _output.Append('|');
                _position++;
                continue;
            }

            var start = _output.Length;
            if (Atom())
            {
                Quantifier(start);
            }
        }

        _depth--;
    }

    /// <summary>Reads one atom; false when it was nothing that a quantifier could follow (an option setting, a comment).</summary>
    private bool Atom()
    {
        var value = Current;
        switch (value)
        {
            case '(':
                return Group();
            case '[':
                Class();
                return true;
            case '\\':
                return Escape();
            case '*' or '+' or '?':
                throw Error("quantifier without anything to repeat");
            case '{' when QuantifierLength(_position) > 0:
                throw Error("quantifier without anything to repeat");
            case '.' or '^' or '$':
                _output.Append(value);
                _position++;
                return true;
            default:
                Literal(value);
                _position++;
                return true;
        }
    }

    private void Quantifier(int start)
    {
        var length = AtEnd ? 0 : QuantifierLength(_position);
        if (length == 0)
        {
            return;
        }

        var quantifier = _pattern.Substring(_position, length);
        _position += length;
        if (!AtEnd && Current == '+')
        {
            // Possessive: .NET spells it as an atomic group.
            _output.Insert(start, "(?>").Append(quantifier).Append(')');
            _position++;
        }
        else
        {
            _output.Append(quantifier);
            if (!AtEnd && Current == '?')
            {
                _output.Append('?');
                _position++;
            }
        }

        if (!AtEnd && QuantifierLength(_position) > 0)
        {
            throw Error("quantifier behind a quantifier");
        }
    }

    /// <summary>Length of the quantifier at a position, or 0: a brace that opens none is a literal.</summary>
    private int QuantifierLength(int position)
    {
        if (_pattern[position] is '*' or '+' or '?')
        {
            return 1;
        }

        if (_pattern[position] != '{')
        {
            return 0;
        }

        var index = position + 1;
        var digits = SkipDigits(ref index);
        if (digits > 0 && index < _pattern.Length && _pattern[index] == ',')
        {
            index++;
            SkipDigits(ref index);
        }

        return digits > 0 && index < _pattern.Length && _pattern[index] == '}' ? index + 1 - position : 0;
    }

    private int SkipDigits(ref int index)
    {
        var start = index;
        while (index < _pattern.Length && char.IsAsciiDigit(_pattern[index]))
        {
            index++;
        }

        return index - start;
    }

    private bool Group()
    {
        var start = _position++;
        if (AtEnd || Current != '?')
        {
            if (!AtEnd && Current == '*')
            {
                throw Error("verbs such as (*SKIP) are not supported");
            }

            _groups++;
            _output.Append('(');
            return Body(start);
        }

        _position++;
        if (TryTake("#"))
        {
            _position = _pattern.IndexOf(')', _position) is var close and >= 0 ? close + 1 : throw Error("comment without its end", start);
            return false;
        }

        foreach (var opening in (ReadOnlySpan<string>)[":", "=", "!", ">", "<=", "<!"])
        {
            if (TryTake(opening))
            {
                _output.Append("(?").Append(opening);
                return Body(start);
            }
        }

        if (TryTake("P=") is var reference && reference)
        {
            Reference(_names.TryGetValue(Name(')'), out var named) ? named : throw Error("reference to an unknown group", start));
            return true;
        }

        if (TryTake("P<") || TryTake("<"))
        {
            return NamedGroup(Name('>'), start);
        }

        return TryTake("'") ? NamedGroup(Name('\''), start) : Options(start);
    }

    private bool NamedGroup(string name, int start)
    {
        // .NET numbers named groups behind all others, PCRE in order of appearance: so they become plain groups here.
        if (!_names.TryAdd(name, ++_groups))
        {
            throw Error($"two groups are named '{name}'", start);
        }

        _output.Append('(');
        return Body(start);
    }

    private bool Options(int start)
    {
        var end = _position;
        while (end < _pattern.Length && _pattern[end] is 'i' or 'm' or 's' or '-')
        {
            end++;
        }

        if (end == _pattern.Length || _pattern[end] is not (')' or ':') || _pattern.AsSpan(_position, end - _position).Count('-') > 1)
        {
            throw Error("this kind of group (recursion, condition, branch reset, options other than i, m and s) is not supported", start);
        }

        _output.Append("(?").Append(_pattern, _position, end - _position).Append(_pattern[end]);
        _position = end + 1;
        return _pattern[end] == ':' && Body(start);
    }

    private bool Body(int start)
    {
        Alternatives();
        if (AtEnd)
        {
            throw Error("missing closing parenthesis", start);
        }

        _output.Append(')');
        _position++;
        return true;
    }

    private string Name(char end)
    {
        var close = _pattern.IndexOf(end, _position);
        var name = close < 0 ? "" : _pattern[_position..close];
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw Error("a group name of letters, digits and underscores is missing");
        }

        _position = close + 1;
        return name;
    }

    private void Reference(int group)
    {
        if (group > _highestReference)
        {
            (_highestReference, _highestReferencePosition) = (group, _position - 1);
        }

        _output.Append("(?:\\").Append(group).Append(')');
    }

    private bool TryTake(string text)
    {
        if (!_pattern.AsSpan(_position).StartsWith(text, StringComparison.Ordinal))
        {
            return false;
        }

        _position += text.Length;
        return true;
    }

    private void Literal(char value)
    {
        if (value is < ' ' or '\u007F')
        {
            _output.Append($"\\u{(int)value:X4}");
        }
        else
        {
            _output.Append(char.IsAscii(value) && !char.IsAsciiLetterOrDigit(value) && value != '_' ? $"\\{value}" : $"{value}");
        }
    }

    private PcreException Error(string message) => Error(message, Math.Min(_position, _pattern.Length));

    private static PcreException Error(string message, int position) => new(position, message);
}
