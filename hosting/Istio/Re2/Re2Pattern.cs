using System.Diagnostics.CodeAnalysis;

namespace Istio.Re2;

/// <summary>
/// A regular expression in RE2's language (https://github.com/google/re2/wiki/Syntax), the one of every <c>regex</c> field of an Istio
/// resource. It matches what RE2 with its default options matches in the UTF-8 form of the text, in time linear in the length of the
/// text, and allocates nothing to do so once the first texts have warmed it up. Instances may be shared by all threads.
/// </summary>
/// <remarks>
/// .NET's own <see cref="System.Text.RegularExpressions.Regex"/> cannot stand in, not even with <c>NonBacktracking</c>: it has no ASCII
/// <c>\b</c>, no scripts, sees two characters in a code point above U+FFFF, and allocates a match.
/// Three differences from RE2 are known. With non-ASCII text, which a path on the wire is not, RE2 searches bytes and lets <c>\B</c>
/// match between the bytes of one character; and where <c>[kK]</c> or <c>[sS]</c> is an alternative next to another single character,
/// as in <c>[kK]|x</c>, RE2 also matches what it folds to, as if it were <c>(?i)k</c>. And when RE2 searches or replaces (not when it
/// matches a whole text), a lazy loop around a greedy one around what prefers to be empty, <c>(?:(?:|a)*)+?</c>, takes more than least.
/// </remarks>
public sealed class Re2Pattern
{
    private readonly Program _program;
    private readonly OnePass? _whole;
    private readonly OnePass? _search;
    private readonly Dfa? _dfa;

    private Re2Pattern(string pattern, Program program, Node root, int captureGroups)
    {
        Pattern = pattern;
        CaptureGroups = captureGroups;
        _program = program;
        _whole = OnePassCompiler.ForFullMatch(root);
        _search = OnePassCompiler.ForSearch(root);
        _dfa = _whole is null ? Dfa.Of(program) : null;
        FoldedPrefix = LiteralPrefix.Of(root);
    }

    /// <summary>The pattern as it was written.</summary>
    public string Pattern { get; }

    /// <summary>How many groups capture; the first is number 1.</summary>
    public int CaptureGroups { get; }

    /// <summary>
    /// What every text begins with that the pattern matches as a whole, case aside: characters as <see cref="Fold"/> gives them. Empty
    /// when nothing is fixed. An index of many patterns is made of it.
    /// </summary>
    public string FoldedPrefix { get; }

    /// <summary>Whether matching a whole text is comparing and slicing.</summary>
    internal bool IsOnePass => _whole is not null;

    /// <summary>Whether finding a match in a text is comparing and slicing.</summary>
    internal bool IsOnePassSearch => _search is not null;

    /// <summary>Parses a pattern. What RE2 rejects is an error, of the same kind and with the place in the pattern.</summary>
    /// <param name="pattern">The pattern; Istio refuses more than 1024 bytes of it, this does not.</param>
    /// <param name="result">The pattern, or null.</param>
    /// <param name="error">Why there is no result, or null.</param>
    public static bool TryParse(
        string pattern, [NotNullWhen(true)] out Re2Pattern? result, [NotNullWhen(false)] out Re2Error? error)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        result = null;
        if (!Parser.TryParse(pattern, out var root, out var captureGroups, out error))
        {
            return false;
        }

        root = Compiler.Simplify(root);
        if (Compiler.Compile(root) is not { } program)
        {
            error = new(
                Re2ErrorCode.PatternTooLarge, $"pattern too large: Istio limits RE2's program size to {Compiler.MaxProgramSize}", 0);
            return false;
        }

        result = new Re2Pattern(pattern, program, root, captureGroups);
        return true;
    }

    /// <summary>Whether the pattern matches the whole text, as Envoy asks of every matcher (<c>RE2::FullMatch</c>).</summary>
    public bool IsFullMatch(ReadOnlySpan<char> text) => _dfa?.IsFullMatch(text) ?? Match(text, []);

    /// <summary>Whether the pattern matches some part of the text (<c>RE2::PartialMatch</c>).</summary>
    public bool IsPartialMatch(ReadOnlySpan<char> text) => Search(text, 0, []);

    /// <summary>A character as <see cref="FoldedPrefix"/> writes it: what is equal without case becomes equal.</summary>
    public static char Fold(char value) => LiteralPrefix.Fold(value);

    /// <inheritdoc/>
    public override string ToString() => Pattern;

    /// <summary>Matches the whole text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="captures">Filled with start and end of the match, then of each group as far as there is room; -1 for none.</param>
    internal bool Match(ReadOnlySpan<char> text, Span<int> captures) =>
        _whole is not null ? _whole.MatchAt(text, 0, captures) : Simulate(text, 0, isFull: true, captures);

    /// <summary>Finds the leftmost match at or after a position.</summary>
    /// <param name="text">The text; what is before <paramref name="start"/> counts for <c>^</c> and <c>\b</c>.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="captures">As in <see cref="Match"/>.</param>
    internal bool Search(ReadOnlySpan<char> text, int start, Span<int> captures) =>
        _search is not null ? _search.Search(text, start, captures) : Simulate(text, start, isFull: false, captures);

    /// <summary>Matches with the general engines.</summary>
    internal bool Simulate(ReadOnlySpan<char> text, int start, bool isFull, Span<int> captures)
    {
        long steps = 0;
        return BitState.CanSearch(_program, text.Length - start)
            ? BitState.Search(_program, text, start, anchored: isFull, toEnd: isFull, captures, ref steps)
            : PikeVm.Search(_program, text, start, anchored: isFull, toEnd: isFull, captures, ref steps);
    }
}
