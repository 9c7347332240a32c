using System.Text;

namespace Istio.Re2;

/// <summary>The fixed beginning of what a pattern matches: what an index of many patterns can be made of.</summary>
internal static class LiteralPrefix
{
    /// <summary>
    /// What every text begins with that the pattern matches as a whole, ASCII letters in lower case: a text whose folded form does not
    /// begin so does not match. Empty when nothing is fixed.
    /// </summary>
    public static string Of(Node root)
    {
        var prefix = new StringBuilder();
        Append(root, prefix);
        return prefix.ToString();
    }

    /// <summary>Appends what is fixed at the beginning of a node; true when that is all of it.</summary>
    private static bool Append(Node node, StringBuilder prefix)
    {
        switch (node)
        {
            case EmptyNode or AssertionNode { Assertion: Assertion.BeginText }:
                return true;
            case LiteralNode { Rune: < 0xD800 } literal:
                prefix.Append(Fold((char)literal.Rune));
                return true;
            case SetNode set when FoldedLetter(set.Set) is { } letter:
                prefix.Append(letter);
                return true;
            case CaptureNode capture:
                return Append(capture.Sub, prefix);
            case ConcatNode concat:
                return Array.TrueForAll(concat.Items, item => Append(item, prefix));
            case RepeatNode { Min: > 0 } repeat:
                Append(repeat.Sub, prefix);
                return false;
            default:
                return false;
        }
    }

    /// <summary>The letter of a set that is one letter in its cases, as <c>[kK]</c> and the Kelvin sign; null for any other.</summary>
    private static char? FoldedLetter(RuneSet set)
    {
        if (set.Count is 0 or > 3 || set.Ranges[0].Lo > 127)
        {
            return null;
        }

        var letter = Fold((char)set.Ranges[0].Lo);
        foreach (var range in set.Ranges)
        {
            for (var rune = range.Lo; rune <= range.Hi; rune++)
            {
                if (rune > 0xFFFF || Fold((char)rune) != letter)
                {
                    return null;
                }
            }
        }

        return letter;
    }

    /// <summary>A character as the prefix writes it: ASCII letters, and the two characters that fold to one, in lower case.</summary>
    public static char Fold(char value) => value switch
    {
        >= 'A' and <= 'Z' => (char)(value | 0x20),
        '\u017F' => 's',
        '\u212A' => 'k',
        _ => value,
    };
}
