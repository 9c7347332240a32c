using System.Collections.Concurrent;
using System.Globalization;

namespace Istio.Re2;

/// <summary>
/// Unicode's general categories, scripts and simple case folding as RE2 has them. They are data of this assembly (Unicode15.txt) because
/// .NET has no scripts and no case folding, and because its categories follow a newer Unicode than RE2's.
/// </summary>
internal static class UnicodeTables
{
    // RE2 offers a one-letter category as the union of its two-letter ones; neither Cn nor LC exists there.
    private const string Majors = "CLMNPSZ";

    private static readonly Lazy<Dictionary<string, string>> Lines = new(ReadLines);
    private static readonly ConcurrentDictionary<string, RuneSet> Sets = new(StringComparer.Ordinal);
    private static readonly Lazy<(int[] Runes, Dictionary<int, int[]> Orbits)> Folds = new(ReadFolds);

    /// <summary>The set of a category or script, spelled as in RE2 (case matters), or null if there is none of that name.</summary>
    public static RuneSet? Find(string name)
    {
        if (name == "Any")
        {
            return RuneSet.Any;
        }

        var isMajor = name.Length == 1 && Majors.Contains(name[0], StringComparison.Ordinal);
        return isMajor || (name != "fold" && Lines.Value.ContainsKey(name)) ? Sets.GetOrAdd(name, ReadSet) : null;
    }

    /// <summary>All code points that match <paramref name="rune"/> under <c>(?i)</c>, itself included; empty if only itself does.</summary>
    public static ReadOnlySpan<int> Orbit(int rune) => Folds.Value.Orbits.TryGetValue(rune, out var orbit) ? orbit : [];

    /// <summary>The code points from <paramref name="lo"/> to <paramref name="hi"/> that match others under <c>(?i)</c>.</summary>
    public static ReadOnlySpan<int> Foldable(int lo, int hi)
    {
        var runes = Folds.Value.Runes;
        var from = Array.BinarySearch(runes, lo);
        var to = Array.BinarySearch(runes, hi);
        from = from < 0 ? ~from : from;
        to = to < 0 ? ~to : to + 1;
        return runes.AsSpan(from, to - from);
    }

    private static Dictionary<string, string> ReadLines()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("Istio.Re2.Unicode15.txt")!;
        using var reader = new StreamReader(stream);
        var lines = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                lines.Add(line[..colon], line[(colon + 2)..]);
            }
        }

        return lines;
    }

    private static RuneSet ReadSet(string name)
    {
        var builder = new RuneSetBuilder();
        foreach (var (key, line) in Lines.Value)
        {
            if (key == name || (name.Length == 1 && key.Length == 2 && key[0] == name[0]))
            {
                foreach (var range in line.AsSpan().Split(' '))
                {
                    var (lo, hi) = ReadRange(line.AsSpan(range));
                    builder.Add(lo, hi, foldCase: false);
                }
            }
        }

        return builder.ToSet();
    }

    private static (int[] Runes, Dictionary<int, int[]> Orbits) ReadFolds()
    {
        var classes = new Dictionary<int, List<int>>();
        var line = Lines.Value["fold"].AsSpan();
        foreach (var field in line.Split(' '))
        {
            var text = line[field];
            var sign = text.IndexOfAny('+', '~');
            var distance = ReadHex(text[(sign + 1)..]) * (text[sign] == '+' ? 1 : -1);
            var slash = text.IndexOf('/');
            var stride = slash < 0 ? 1 : ReadHex(text[(slash + 1)..sign]);
            var (lo, hi) = ReadRange(text[..(slash < 0 ? sign : slash)]);
            for (var rune = lo; rune <= hi; rune += stride)
            {
                if (!classes.TryGetValue(rune + distance, out var members))
                {
                    classes.Add(rune + distance, members = [rune + distance]);
                }

                members.Add(rune);
            }
        }

        var orbits = new Dictionary<int, int[]>();
        foreach (var members in classes.Values)
        {
            var orbit = members.Order().ToArray();
            foreach (var rune in orbit)
            {
                orbits.Add(rune, orbit);
            }
        }

        return (orbits.Keys.Order().ToArray(), orbits);
    }

    private static (int Lo, int Hi) ReadRange(ReadOnlySpan<char> text)
    {
        var dash = text.IndexOf('-');
        return dash < 0 ? (ReadHex(text), ReadHex(text)) : (ReadHex(text[..dash]), ReadHex(text[(dash + 1)..]));
    }

    private static int ReadHex(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
