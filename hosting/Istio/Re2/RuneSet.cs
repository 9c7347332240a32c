namespace Istio.Re2;

/// <summary>An inclusive range of code points.</summary>
internal readonly record struct RuneRange(int Lo, int Hi);

/// <summary>
/// An immutable set of code points. Surrogates are code points here as they are in RE2: half of a pair in a text is matched as one.
/// </summary>
internal sealed class RuneSet
{
    public const int MaxRune = 0x10FFFF;

    public static readonly RuneSet Any = new([new(0, MaxRune)]);
    public static readonly RuneSet NotNewline = new([new(0, '\n' - 1), new('\n' + 1, MaxRune)]);

    private readonly RuneRange[] _ranges;

    /// <param name="ranges">Sorted, with a gap between any two.</param>
    public RuneSet(RuneRange[] ranges)
    {
        _ranges = ranges;
        foreach (var range in ranges)
        {
            Count += range.Hi - range.Lo + 1;
            for (var rune = range.Lo; rune <= Math.Min(range.Hi, 127); rune++)
            {
                if (rune < 64)
                {
                    AsciiLow |= 1UL << rune;
                }
                else
                {
                    AsciiHigh |= 1UL << (rune - 64);
                }
            }
        }
    }

    public ReadOnlySpan<RuneRange> Ranges => _ranges;

    /// <summary>How many code points are in the set.</summary>
    public int Count { get; }

    /// <summary>Members 0 to 63, one bit each.</summary>
    public ulong AsciiLow { get; }

    /// <summary>Members 64 to 127, one bit each.</summary>
    public ulong AsciiHigh { get; }

    public bool HasNonAscii => _ranges.Length > 0 && _ranges[^1].Hi > 127;

    public bool IsAny => Count == MaxRune + 1;

    public bool Contains(int rune)
    {
        if (rune < 128)
        {
            return ((rune < 64 ? AsciiLow : AsciiHigh) >> (rune & 63) & 1) != 0;
        }

        var low = 0;
        var high = _ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            ref readonly var range = ref _ranges[middle];
            if (rune < range.Lo)
            {
                high = middle - 1;
            }
            else if (rune > range.Hi)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    public RuneSet Complement()
    {
        var gaps = new List<RuneRange>(_ranges.Length + 1);
        var next = 0;
        foreach (var range in _ranges)
        {
            if (range.Lo > next)
            {
                gaps.Add(new(next, range.Lo - 1));
            }

            next = range.Hi + 1;
        }

        if (next <= MaxRune)
        {
            gaps.Add(new(next, MaxRune));
        }

        return new RuneSet([.. gaps]);
    }
}

/// <summary>Collects ranges in any order and makes a <see cref="RuneSet"/> of them.</summary>
internal sealed class RuneSetBuilder
{
    private readonly List<RuneRange> _ranges = [];

    public void Add(int lo, int hi, bool foldCase)
    {
        _ranges.Add(new(lo, hi));
        if (foldCase)
        {
            foreach (var rune in UnicodeTables.Foldable(lo, hi))
            {
                foreach (var equivalent in UnicodeTables.Orbit(rune))
                {
                    _ranges.Add(new(equivalent, equivalent));
                }
            }
        }
    }

    /// <summary>Adds a class or its negation. A negated class excludes what any of its members folds to, as in RE2.</summary>
    public void Add(RuneSet set, bool negated, bool foldCase)
    {
        if (negated)
        {
            var inner = new RuneSetBuilder();
            inner.Add(set, negated: false, foldCase);
            Add(inner.ToSet().Complement(), negated: false, foldCase: false);
            return;
        }

        foreach (var range in set.Ranges)
        {
            Add(range.Lo, range.Hi, foldCase);
        }
    }

    public RuneSet ToSet()
    {
        _ranges.Sort(static (left, right) => left.Lo.CompareTo(right.Lo));
        var merged = new List<RuneRange>(_ranges.Count);
        foreach (var range in _ranges)
        {
            if (merged.Count > 0 && range.Lo <= merged[^1].Hi + 1)
            {
                merged[^1] = merged[^1] with { Hi = Math.Max(merged[^1].Hi, range.Hi) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return new RuneSet([.. merged]);
    }
}
