using System.Buffers;

namespace Istio.Re2;

/// <summary>
/// A set of code points whose members can be told apart by UTF-16 units: a few units, or all code points but a few. Runs of it are
/// found with vector instructions.
/// </summary>
internal sealed class CharSpan
{
    private const int MaxUnits = 256;

    private readonly SearchValues<char> _units;
    private readonly bool _excludes;

    private CharSpan(RuneSet units, bool excludes)
    {
        var chars = new List<char>();
        foreach (var range in units.Ranges)
        {
            for (var rune = range.Lo; rune <= range.Hi; rune++)
            {
                chars.Add((char)rune);
            }
        }

        _units = SearchValues.Create([.. chars]);
        _excludes = excludes;
    }

    /// <summary>Whether every member is one UTF-16 unit.</summary>
    public bool IsSingleUnits => !_excludes;

    /// <summary>Makes one, or null if the set is none of that kind.</summary>
    public static CharSpan? Of(RuneSet set)
    {
        if (IsFewUnits(set))
        {
            return new CharSpan(set, excludes: false);
        }

        var complement = set.Complement();
        return IsFewUnits(complement) ? new CharSpan(complement, excludes: true) : null;
    }

    /// <summary>How many units from the start of the text are members.</summary>
    public int CountIn(ReadOnlySpan<char> text)
    {
        var end = _excludes ? text.IndexOfAny(_units) : text.IndexOfAnyExcept(_units);
        return end < 0 ? text.Length : end;
    }

    /// <summary>Whether a text that is not empty starts with a member.</summary>
    public bool StartsWith(ReadOnlySpan<char> text) => _units.Contains(text[0]) != _excludes;

    private static bool IsFewUnits(RuneSet set)
    {
        foreach (var range in set.Ranges)
        {
            if (range.Hi >= char.MaxValue || (range.Lo <= 0xDFFF && range.Hi >= 0xD800))
            {
                return false;
            }
        }

        return set.Count <= MaxUnits;
    }
}
