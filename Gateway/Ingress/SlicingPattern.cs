using System.Text;

namespace Gateway.Ingress;

/// <summary>
/// The common shapes of Ingress paths, such as <c>/api/v1(/|$)(.*)</c>: a literal and one of a few known tails. Matches by slicing,
/// without a regular expression and without allocation; a property test holds it against <see cref="RegexPattern"/>.
/// </summary>
internal sealed class SlicingPattern : PathPattern
{
    private const string Metacharacters = @"\^$.[|()?*+{";

    private static readonly (string Text, Tail Tail, int Groups)[] Tails =
    [
        ("", Tail.None, 0),
        (".*", Tail.None, 0),
        ("(.*)", Tail.Rest, 1),
        ("(/|$)", Tail.SlashOrEnd, 1),
        ("(/|$)(.*)", Tail.SlashOrEndThenRest, 2),
        ("/?(.*)", Tail.OptionalSlashThenRest, 1),
        ("$", Tail.End, 0),
        ("/?$", Tail.OptionalSlashThenEnd, 0),
    ];

    private readonly byte[] _literal;
    private readonly Tail _tail;

    private SlicingPattern(byte[] literal, Tail tail, int groups)
    {
        _literal = literal;
        _tail = tail;
        Groups = groups;
    }

    private enum Tail
    {
        None,
        Rest,
        SlashOrEnd,
        SlashOrEndThenRest,
        OptionalSlashThenRest,
        End,
        OptionalSlashThenEnd,
    }

    public override int Groups { get; }

    /// <summary>Compiles a path of a known shape; null for any other.</summary>
    public static SlicingPattern? TryCompile(string path)
    {
        var literal = new StringBuilder();
        var index = 0;
        while (index < path.Length && path[index] < 0x80 && !IsOptionalSlash(path, index))
        {
            if (path[index] == '\\' && index + 1 < path.Length && IsEscapable(path[index + 1]))
            {
                index++;
            }
            else if (Metacharacters.Contains(path[index]))
            {
                break;
            }

            literal.Append(path[index++]);
        }

        // A match at the start is what makes the location's and the rewrite's match the same one; an empty literal or a quantifier
        // behind its last character is left to the regular expression.
        var rest = path[index..];
        foreach (var (text, tail, groups) in Tails)
        {
            if (rest == text && literal.Length > 0 && literal[0] == '/')
            {
                return new SlicingPattern(Encoding.ASCII.GetBytes(literal.ToString()), tail, groups);
            }
        }

        return null;
    }

    public override bool IsLocationOf(ReadOnlySpan<byte> path)
    {
        var match = default(PathMatch);
        return TryMatch(path, ref match);
    }

    public override bool TryMatch(ReadOnlySpan<byte> path, ref PathMatch match)
    {
        var at = _literal.Length;
        if (path.Length < at || !Ascii.EqualsIgnoreCase(path[..at], _literal))
        {
            return false;
        }

        var slash = at < path.Length && path[at] == (byte)'/';
        switch (_tail)
        {
            case Tail.None:
                return true;
            case Tail.Rest:
                match.Set(1, at, EndOfLine(path, at));
                return true;
            case Tail.SlashOrEnd or Tail.SlashOrEndThenRest:
                var next = slash ? at + 1 : at;
                match.Set(1, at, next);
                match.Set(2, next, EndOfLine(path, next));
                return slash || IsEnd(path, at);
            case Tail.OptionalSlashThenRest:
                match.Set(1, slash ? at + 1 : at, EndOfLine(path, slash ? at + 1 : at));
                return true;
            case Tail.End:
                return IsEnd(path, at);
            default:
                return (slash && IsEnd(path, at + 1)) || IsEnd(path, at);
        }
    }

    private static bool IsEscapable(char value) => char.IsAscii(value) && !char.IsAsciiLetterOrDigit(value);

    private static bool IsOptionalSlash(string path, int index) => path.AsSpan(index).StartsWith("/?", StringComparison.Ordinal);

    /// <summary>Where <c>.*</c> stops: "." takes anything but a newline.</summary>
    private static int EndOfLine(ReadOnlySpan<byte> path, int start)
    {
        var newline = path[start..].IndexOf((byte)'\n');
        return newline < 0 ? path.Length : start + newline;
    }

    /// <summary>Where <c>$</c> holds: at the end, and before a newline that ends the subject.</summary>
    private static bool IsEnd(ReadOnlySpan<byte> path, int index) =>
        index == path.Length || (index == path.Length - 1 && path[index] == (byte)'\n');
}
