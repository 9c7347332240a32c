using Istio.Re2;

namespace Istio.Tests.Re2;

/// <summary>Runs a pattern on every engine.</summary>
internal static class Runs
{
    /// <summary>The groups of a match of the whole text, by the chosen engine and by each that always can; null for no match.</summary>
    public static IEnumerable<string?[]?> Full(string pattern, string text) => Of(pattern, text, isFull: true);

    /// <summary>The groups of the first match in the text.</summary>
    public static IEnumerable<string?[]?> Search(string pattern, string text) => Of(pattern, text, isFull: false);

    public static Program Compile(string pattern)
    {
        Assert.True(Parser.TryParse(pattern, out var root, out _, out var error), error?.Message);
        return Compiler.Compile(Compiler.Simplify(root))!;
    }

    public static Re2Pattern Parse(string pattern)
    {
        Assert.True(Re2Pattern.TryParse(pattern, out var parsed, out var error), error?.Message);
        return parsed;
    }

    private static IEnumerable<string?[]?> Of(string pattern, string text, bool isFull)
    {
        var parsed = Parse(pattern);
        var program = Compile(pattern);
        var captures = new int[2 + (2 * parsed.CaptureGroups)];
        long steps = 0;
        yield return Groups(isFull ? parsed.Match(text, captures) : parsed.Search(text, 0, captures));
        yield return Groups(BitState.Search(program, text, 0, isFull, isFull, captures, ref steps));
        yield return Groups(PikeVm.Search(program, text, 0, isFull, isFull, captures, ref steps));

        string?[]? Groups(bool found) => !found ? null : [.. Enumerable.Range(0, captures.Length / 2)
            .Select(group => captures[group * 2] < 0 ? null : text[captures[group * 2]..captures[(group * 2) + 1]])];
    }
}
