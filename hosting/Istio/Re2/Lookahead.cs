namespace Istio.Re2;

/// <summary>
/// What the next symbol of a text may be: ASCII characters one by one, any other character as one symbol, and the end of the text.
/// </summary>
internal readonly record struct Lookahead(ulong Low, ulong High, bool NonAscii, bool End)
{
    public static readonly Lookahead Nothing;
    public static readonly Lookahead EndOfText = new(0, 0, false, true);
    public static readonly Lookahead Anything = new(ulong.MaxValue, ulong.MaxValue, true, true);

    public static Lookahead operator |(Lookahead left, Lookahead right) =>
        new(left.Low | right.Low, left.High | right.High, left.NonAscii || right.NonAscii, left.End || right.End);

    public static Lookahead Of(RuneSet set) => new(set.AsciiLow, set.AsciiHigh, set.HasNonAscii, false);

    /// <summary>What a match of <paramref name="node"/> may begin with if <paramref name="follow"/> is what may come after it.</summary>
    public static Lookahead Of(Node node, Lookahead follow)
    {
        switch (node)
        {
            case LiteralNode { Rune: < 128 } literal:
                return literal.Rune < 64 ? new(1UL << literal.Rune, 0, false, false) : new(0, 1UL << (literal.Rune - 64), false, false);
            case LiteralNode:
                return new(0, 0, true, false);
            case SetNode set:
                return Of(set.Set);
            case AssertionNode { Assertion: Assertion.EndText }:
                return EndOfText;
            case CaptureNode capture:
                return Of(capture.Sub, follow);
            case RepeatNode repeat:
                return repeat.Min == 0 ? Of(repeat.Sub, follow) | follow : Of(repeat.Sub, follow);
            case ConcatNode concat:
                for (var i = concat.Items.Length - 1; i >= 0; i--)
                {
                    follow = Of(concat.Items[i], follow);
                }

                return follow;
            case AlternateNode alternate:
                var union = Nothing;
                foreach (var branch in alternate.Branches)
                {
                    union |= Of(branch, follow);
                }

                return union;
            default:
                return follow;
        }
    }

    public bool Overlaps(Lookahead other) =>
        ((Low & other.Low) | (High & other.High)) != 0 || (NonAscii && other.NonAscii) || (End && other.End);

    public bool Includes(ReadOnlySpan<char> text, int position)
    {
        if (position == text.Length)
        {
            return End;
        }

        var c = text[position];
        return c < 128 ? ((c < 64 ? Low : High) >> (c & 63) & 1) != 0 : NonAscii;
    }
}
