using System.Collections.Frozen;

namespace Istio.Re2;

/// <summary>Character classes: bracketed, Perl's, POSIX's and Unicode's.</summary>
internal sealed partial class Parser
{
    private static readonly RuneSet Digits = SetOf(('0', '9'));
    private static readonly RuneSet Spaces = SetOf(('\t', '\n'), ('\f', '\r'), (' ', ' '));
    private static readonly RuneSet Words = SetOf(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    private static readonly FrozenDictionary<string, RuneSet> PosixClasses = new Dictionary<string, RuneSet>(StringComparer.Ordinal)
    {
        ["alnum"] = SetOf(('0', '9'), ('A', 'Z'), ('a', 'z')),
        ["alpha"] = SetOf(('A', 'Z'), ('a', 'z')),
        ["ascii"] = SetOf(('\0', '\x7F')),
        ["blank"] = SetOf(('\t', '\t'), (' ', ' ')),
        ["cntrl"] = SetOf(('\0', '\x1F'), ('\x7F', '\x7F')),
        ["digit"] = Digits,
        ["graph"] = SetOf(('!', '~')),
        ["lower"] = SetOf(('a', 'z')),
        ["print"] = SetOf((' ', '~')),
        ["punct"] = SetOf(('!', '/'), (':', '@'), ('[', '`'), ('{', '~')),
        ["space"] = SetOf(('\t', '\r'), (' ', ' ')),
        ["upper"] = SetOf(('A', 'Z')),
        ["word"] = Words,
        ["xdigit"] = SetOf(('0', '9'), ('A', 'F'), ('a', 'f')),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Letters, numbers that are letters or decimal digits, marks and connectors, as RE2 allows them in the name of a group.
    private static readonly Lazy<RuneSet> NameRunes = new(() =>
    {
        var builder = new RuneSetBuilder();
        foreach (var category in (string[])["L", "Nl", "Mn", "Mc", "Nd", "Pc"])
        {
            builder.Add(UnicodeTables.Find(category)!, negated: false, foldCase: false);
        }

        return builder.ToSet();
    });

    private static RuneSet SetOf(params (char Lo, char Hi)[] ranges) => new([.. ranges.Select(range => new RuneRange(range.Lo, range.Hi))]);

    private bool ParseClass()
    {
        var start = _position++;
        var builder = new RuneSetBuilder();
        var negated = At(0, '^');
        if (negated)
        {
            _position++;
        }

        // The first character is never the end: []a] is the class of ] and a.
        for (var first = true; _position < _pattern.Length && (first || _pattern[_position] != ']'); first = false)
        {
            if (!ParseClassItem(builder, start))
            {
                return false;
            }
        }

        if (_position == _pattern.Length)
        {
            return Fail(Re2ErrorCode.MissingBracket, start, _position);
        }

        _position++;
        var set = builder.ToSet();
        PushSet(negated ? set.Complement() : set);
        return true;
    }

    private bool ParseClassItem(RuneSetBuilder builder, int classStart)
    {
        var left = _pattern.Length - _position;
        if (left > 2 && At(0, '[') && At(1, ':') && _pattern.IndexOf(":]", _position + 2, StringComparison.Ordinal) is > 0 and var colon)
        {
            return ParsePosixClass(builder, colon);
        }

        if (left > 2 && At(0, '\\') && (At(1, 'p') || At(1, 'P')))
        {
            return ParseUnicodeClass(builder);
        }

        if (At(0, '\\') && PerlClass(_position) is { } set)
        {
            builder.Add(set, char.IsAsciiLetterUpper(_pattern[_position + 1]), FoldCase);
            _position += 2;
            return true;
        }

        var start = _position;
        if (!ParseClassRune(classStart, out var lo))
        {
            return false;
        }

        var hi = lo;
        if (At(0, '-') && _position + 1 < _pattern.Length && _pattern[_position + 1] != ']')
        {
            _position++;
            if (!ParseClassRune(classStart, out hi))
            {
                return false;
            }

            if (hi < lo)
            {
                return Fail(Re2ErrorCode.BadCharRange, start, _position);
            }
        }

        builder.Add(lo, hi, FoldCase);
        return true;
    }

    private bool ParseClassRune(int classStart, out int rune)
    {
        rune = 0;
        if (_position == _pattern.Length)
        {
            return Fail(Re2ErrorCode.MissingBracket, classStart, _position);
        }

        if (_pattern[_position] == '\\')
        {
            return ParseEscape(out rune);
        }

        rune = NextRune();
        return true;
    }

    private bool ParsePosixClass(RuneSetBuilder builder, int colon)
    {
        var negated = At(2, '^');
        var name = _pattern[(_position + (negated ? 3 : 2))..colon];
        if (!PosixClasses.TryGetValue(name, out var set))
        {
            return Fail(Re2ErrorCode.BadCharRange, _position, colon + 2);
        }

        builder.Add(set, negated, FoldCase);
        _position = colon + 2;
        return true;
    }

    /// <summary>Reads <c>\pN</c>, <c>\p{Name}</c>, <c>\p{^Name}</c> or the same with <c>\P</c>.</summary>
    private bool ParseUnicodeClass(RuneSetBuilder builder)
    {
        var start = _position;
        var negated = _pattern[_position + 1] == 'P';
        _position += 2;
        var name = "";
        if (At(0, '{'))
        {
            var close = _pattern.IndexOf('}', _position);
            if (close < 0)
            {
                return Fail(Re2ErrorCode.BadCharRange, start, _pattern.Length);
            }

            name = _pattern[(_position + 1)..close];
            _position = close + 1;
        }
        else if (_position < _pattern.Length)
        {
            name = char.ConvertFromUtf32(NextRune());
        }

        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }

        if (UnicodeTables.Find(name) is not { } set)
        {
            return Fail(Re2ErrorCode.BadCharRange, start, _position);
        }

        builder.Add(set, negated, FoldCase);
        return true;
    }

    private RuneSet? PerlClass(int position) =>
        (position + 1 < _pattern.Length ? _pattern[position + 1] : '\0') switch
        {
            'd' or 'D' => Digits,
            's' or 'S' => Spaces,
            'w' or 'W' => Words,
            _ => null,
        };
}
