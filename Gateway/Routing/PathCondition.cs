using Istio.Re2;

namespace Gateway.Routing;

/// <summary>A condition on the path without its query, as Envoy compares it: byte for byte, nothing decoded.</summary>
internal abstract class PathCondition
{
    /// <summary>Whether it holds.</summary>
    public abstract bool Matches(string path);

    /// <summary>Length of the prefix that a rewrite replaces; null when it replaces the whole path.</summary>
    public virtual int? PrefixLength => null;

    /// <summary>Whether it holds for every path.</summary>
    public virtual bool IsAny => false;

    /// <summary>What every path begins with for which it holds, case aside; the table's index is made of it.</summary>
    public abstract string LiteralPrefix { get; }

    /// <summary>True when only the path <see cref="LiteralPrefix"/> itself can match, case aside.</summary>
    public virtual bool IsWhole => false;
}

/// <summary>The whole path.</summary>
internal sealed class ExactPath(string path, bool ignoreCase) : PathCondition
{
    public override string LiteralPrefix => path;

    public override bool IsWhole => true;

    public override bool Matches(string candidate) => PathText.Equal(candidate, path, ignoreCase);

    public override string ToString() => $"exact {path}{PathText.Suffix(ignoreCase)}";
}

/// <summary>The beginning of the path, also in the middle of a segment: <c>/api/v1</c> takes <c>/api/v1ping</c>.</summary>
internal sealed class PrefixPath(string prefix, bool ignoreCase) : PathCondition
{
    public static readonly PrefixPath Root = new("/", ignoreCase: false);

    public override string LiteralPrefix => prefix;

    public override int? PrefixLength => prefix.Length;

    public override bool IsAny => prefix == "/";

    public override bool Matches(string candidate) =>
        candidate.Length >= prefix.Length && PathText.Equal(candidate.AsSpan(0, prefix.Length), prefix, ignoreCase);

    public override string ToString() => $"prefix {prefix}{PathText.Suffix(ignoreCase)}";
}

/// <summary>Segments at the beginning of the path: <c>/api/v1</c> takes <c>/api/v1/ping</c>, not <c>/api/v1ping</c>.</summary>
internal sealed class SegmentPrefixPath(string prefix, bool ignoreCase) : PathCondition
{
    public override string LiteralPrefix => prefix;

    public override int? PrefixLength => prefix.Length;

    public override bool Matches(string candidate) =>
        candidate.Length >= prefix.Length && (candidate.Length == prefix.Length || candidate[prefix.Length] == '/')
        && PathText.Equal(candidate.AsSpan(0, prefix.Length), prefix, ignoreCase);

    public override string ToString() => $"prefix {prefix} by segments{PathText.Suffix(ignoreCase)}";
}

/// <summary>A regular expression that takes the whole path.</summary>
internal sealed class RegexPath(Re2Pattern pattern) : PathCondition
{
    public override string LiteralPrefix { get; } = pattern.FoldedPrefix;

    public override bool IsAny => pattern.Pattern == ".*";

    public override bool Matches(string candidate) => pattern.IsFullMatch(candidate);

    public override string ToString() => $"regex {pattern.Pattern}";
}

/// <summary>Comparing paths: with case by bytes, without case by ASCII letters only, as Envoy's library does.</summary>
internal static class PathText
{
    public static bool Equal(ReadOnlySpan<char> left, ReadOnlySpan<char> right, bool ignoreCase) =>
        left.SequenceEqual(right) || (ignoreCase && left.Length == right.Length && EqualWithoutCase(left, right));

    public static string Suffix(bool ignoreCase) => ignoreCase ? " (any case)" : "";

    /// <summary>An ASCII letter in lower case; everything else as it is.</summary>
    public static char Fold(char value) => char.IsAsciiLetterUpper(value) ? (char)(value | 0x20) : value;

    private static bool EqualWithoutCase(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        for (var i = 0; i < left.Length; i++)
        {
            if (Fold(left[i]) != Fold(right[i]))
            {
                return false;
            }
        }

        return true;
    }
}
