using System.Globalization;
using System.Text.RegularExpressions;
using Istio.Re2;

namespace Istio.Tests.Re2;

/// <summary>Facts measured on RE2 itself (release 2025-11-05, default options): random patterns and texts, and all named classes.</summary>
public class MeasuredTests
{
    private static IEnumerable<string[]> Rows(string file)
    {
        using var stream = typeof(MeasuredTests).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                yield return [.. line.Split('\t').Select(Unescape)];
            }
        }
    }

    private static string Unescape(string field) => Regex.Replace(
        field,
        "%([0-9A-F]{4})",
        match => ((char)int.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());

    private static string Positions(bool found, int[] captures) => found ? string.Join(',', captures) : "-";

    [Fact]
    public void Random_patterns_match_capture_and_rewrite_as_in_RE2()
    {
        // Columns: pattern, substitution, text, positions of a match of the whole text, of the first match, result of replacing.
        var count = 0;
        foreach (var row in Rows("measured.tsv").Where(row => row.Length == 6))
        {
            count++;
            var (pattern, text) = (Runs.Parse(row[0]), row[2]);
            var captures = new int[2 + (2 * pattern.CaptureGroups)];
            Assert.Equal((row[0], text, row[3]), (row[0], text, Positions(pattern.Match(text, captures), captures)));
            Assert.Equal((row[0], text, row[3] != "-"), (row[0], text, pattern.IsFullMatch(text)));
            Assert.Equal((row[0], text, row[4]), (row[0], text, Positions(pattern.Search(text, 0, captures), captures)));
            Assert.True(Re2Rewrite.TryParse(row[0], row[1], out var rewrite, out _));
            Assert.Equal((row[0], text, row[5]), (row[0], text, rewrite.Replace(text)));
        }

        Assert.InRange(count, 2_000, int.MaxValue);
    }

    [Fact]
    public void Random_patterns_are_refused_as_by_RE2()
    {
        // Columns: pattern, RE2's error text.
        var count = 0;
        foreach (var row in Rows("measured.tsv").Where(row => row.Length == 2))
        {
            count++;
            Assert.False(Re2Pattern.TryParse(row[0], out _, out var error), row[0]);
            Assert.Equal((row[0], row[1]), (row[0], error.Message));
        }

        Assert.InRange(count, 300, int.MaxValue);
    }

    [Fact]
    public void Classes_have_the_members_that_they_have_in_RE2()
    {
        // Columns: a class, how many code points it matches, and the exclusive or of their squares.
        var count = 0;
        foreach (var row in Rows("classes.tsv"))
        {
            count++;
            Assert.True(Parser.TryParse(row[0], out var root, out _, out var error), error?.Message);
            var set = root is LiteralNode literal ? new RuneSet([new(literal.Rune, literal.Rune)]) : Assert.IsType<SetNode>(root).Set;
            var (members, checksum) = (0, 0L);
            foreach (var range in set.Ranges)
            {
                for (long rune = range.Lo; rune <= range.Hi; rune++)
                {
                    members++;
                    checksum ^= rune * rune;
                }
            }

            Assert.Equal((row[0], row[1], row[2]), (row[0], $"{members}", $"{checksum}"));
        }

        Assert.InRange(count, 200, int.MaxValue);
    }

    [Fact]
    public void Case_folding_has_the_classes_that_it_has_in_RE2()
    {
        var foldable = UnicodeTables.Foldable(0, RuneSet.MaxRune).ToArray();
        Assert.Equal(2884, foldable.Length);
        Assert.All(foldable, rune => Assert.Contains(rune, UnicodeTables.Orbit(rune).ToArray()));
        Assert.Equal([0x4B, 0x6B, 0x212A], UnicodeTables.Orbit('k').ToArray());
        Assert.Equal([0x345, 0x399, 0x3B9, 0x1FBE], UnicodeTables.Orbit(0x1FBE).ToArray());
        Assert.Equal([0xFB05, 0xFB06], UnicodeTables.Orbit(0xFB06).ToArray());
        Assert.True(UnicodeTables.Orbit('1').IsEmpty);
    }
}
