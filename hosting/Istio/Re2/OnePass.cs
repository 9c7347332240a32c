using System.Text;

namespace Istio.Re2;

/// <summary>What a step of a <see cref="OnePass"/> does.</summary>
internal enum StepKind : byte
{
    /// <summary>Compares <see cref="Step.Text"/>.</summary>
    Literal,

    /// <summary>Compares <see cref="Step.Text"/>, which is ASCII in lower case, by RE2's case folding.</summary>
    FoldedLiteral,

    /// <summary>Compares each of <see cref="Step.Texts"/>, none of which starts with another.</summary>
    Literals,

    /// <summary>Takes as many code points of <see cref="Step.Set"/> as there are, within the limits.</summary>
    Run,

    /// <summary>Stores the position in the slot <see cref="Step.Target"/>.</summary>
    Capture,

    /// <summary>Goes to <see cref="Step.Target"/> unless the next symbol is one of <see cref="Step.Lookahead"/>.</summary>
    Unless,

    /// <summary>Goes to <see cref="Step.Target"/>.</summary>
    Jump,

    /// <summary>Requires the start of the text.</summary>
    BeginText,

    /// <summary>Requires the end of the text.</summary>
    EndText,
}

/// <summary>One step; which fields count depends on the kind.</summary>
internal readonly record struct Step(StepKind Kind)
{
    public int Target { get; init; }

    public int Min { get; init; }

    public int Max { get; init; }

    public string Text { get; init; } = "";

    public string[] Texts { get; init; } = [];

    public CharSpan? Set { get; init; }

    public Lookahead Lookahead { get; init; }
}

/// <summary>
/// A pattern in which the next character always decides what to do. Matching is comparing and slicing: nothing is tried twice and
/// nothing is allocated. There is at most one way to match from a given start, so preferences do not matter.
/// </summary>
/// <param name="steps">Executed in order.</param>
/// <param name="toEnd">Whether the match has to end where the text does.</param>
internal sealed class OnePass(Step[] steps, bool toEnd)
{
    private readonly bool _atStart = steps is [{ Kind: StepKind.BeginText }, ..];
    private readonly string? _prefix = steps is [{ Kind: StepKind.Literal }, ..] ? steps[0].Text : null;

    /// <summary>Finds the leftmost match at or after a position; see <see cref="BitState.Search"/>.</summary>
    public bool Search(ReadOnlySpan<char> text, int start, Span<int> captures)
    {
        while (!_atStart || start == 0)
        {
            if (_prefix is not null)
            {
                var skipped = text[start..].IndexOf(_prefix, StringComparison.Ordinal);
                if (skipped < 0)
                {
                    return false;
                }

                start += skipped;
            }

            if (MatchAt(text, start, captures))
            {
                return true;
            }

            if (start >= text.Length)
            {
                return false;
            }

            Program.RuneAt(text, start, out var length);
            start += length;
        }

        return false;
    }

    /// <summary>Matches from a position on.</summary>
    public bool MatchAt(ReadOnlySpan<char> text, int start, Span<int> captures)
    {
        captures.Fill(-1);
        var end = Run(text, start, captures);
        if (end < 0 || (toEnd && end != text.Length))
        {
            return false;
        }

        if (captures.Length > 1)
        {
            (captures[0], captures[1]) = (start, end);
        }

        return true;
    }

    /// <summary>Returns where the match ends, or -1.</summary>
    private int Run(ReadOnlySpan<char> text, int position, Span<int> captures)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            ref readonly var step = ref steps[i];
            switch (step.Kind)
            {
                case StepKind.Unless:
                    i = step.Lookahead.Includes(text, position) ? i : step.Target - 1;
                    continue;
                case StepKind.Jump:
                    i = step.Target - 1;
                    continue;
                case StepKind.Capture:
                    if (step.Target < captures.Length)
                    {
                        captures[step.Target] = position;
                    }

                    continue;
                case StepKind.BeginText when position == 0:
                case StepKind.EndText when position == text.Length:
                    continue;
            }

            var length = Consume(in step, text[position..]);
            if (length < 0)
            {
                return -1;
            }

            position += length;
        }

        return position;
    }

    /// <summary>Returns how much of the text a step takes, or -1.</summary>
    private static int Consume(in Step step, ReadOnlySpan<char> text)
    {
        switch (step.Kind)
        {
            case StepKind.Literal:
                return text.StartsWith(step.Text, StringComparison.Ordinal) ? step.Text.Length : -1;
            case StepKind.FoldedLiteral:
                return text.Length >= step.Text.Length && IsFolded(text[..step.Text.Length], step.Text) ? step.Text.Length : -1;
            case StepKind.Literals:
                foreach (var literal in step.Texts)
                {
                    if (text.StartsWith(literal, StringComparison.Ordinal))
                    {
                        return literal.Length;
                    }
                }

                return -1;
            case StepKind.Run when step.Set!.IsSingleUnits:
                var count = step.Set.CountIn(step.Max < 0 || step.Max > text.Length ? text : text[..step.Max]);
                return count >= step.Min ? count : -1;
            case StepKind.Run when step.Max == 1:
                var one = text.Length > 0 && step.Set!.StartsWith(text);
                return one ? Program.RuneAt(text, 0, out var length) >= 0 ? length : -1 : step.Min == 0 ? 0 : -1;
            case StepKind.Run:
                var units = step.Set!.CountIn(text);
                return units >= step.Min ? units : -1;
            default:
                return -1;
        }
    }

    // Besides the other case, (?i)k matches the Kelvin sign and (?i)s the long s; no other ASCII letter has a third form.
    private static bool IsFolded(ReadOnlySpan<char> text, string lower)
    {
        if (Ascii.EqualsIgnoreCase(text, lower))
        {
            return true;
        }

        for (var i = 0; i < lower.Length; i++)
        {
            var c = text[i] switch { '\u212A' => 'k', '\u017F' => 's', _ => text[i] };
            if (c != lower[i] && !(char.IsAsciiLetterUpper(c) && (c | ' ') == lower[i]))
            {
                return false;
            }
        }

        return true;
    }
}
