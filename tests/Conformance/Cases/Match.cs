using System.Globalization;
using System.Text.RegularExpressions;
using Istio.Documents;

namespace Conformance.Cases;

/// <summary>How a value is held against what the table says of it.</summary>
internal static class Match
{
    /// <summary>Text: the same, a pattern behind <c>~</c> that matches all of it, or nothing where there must be none.</summary>
    public static bool Text(string? expected, string? actual) => expected switch
    {
        null => actual is null,
        ['~', ' ', ..] => actual is not null && Regex.IsMatch(actual, $@"\A(?:{expected[2..]})\z", RegexOptions.Singleline),
        _ => expected == actual,
    };

    /// <summary>One of several separated by <c>|</c>.</summary>
    public static bool OneOf(string expected, string actual) => expected.Split('|').Any(one => one.Trim() == actual);

    /// <summary>A number, bounds such as <c>8..12</c>, both included, or several of these separated by <c>|</c>.</summary>
    public static bool Count(string expected, int actual) => expected.Split('|').Any(one =>
    {
        var bounds = one.Split("..");
        return actual >= int.Parse(bounds[0], CultureInfo.InvariantCulture) && actual <= int.Parse(bounds[^1], CultureInfo.InvariantCulture);
    });

    /// <summary>The lowest number that is expected.</summary>
    public static int AtLeast(string expected) =>
        expected.Split('|').Min(one => int.Parse(one.Split("..")[0], CultureInfo.InvariantCulture));

    /// <summary>
    /// A duration, or bounds such as <c>0s..25ms</c>, both included. With a tolerance it may be longer, and by a hundredth of that shorter:
    /// so exact are the timers of an operating system.
    /// </summary>
    public static bool Time(string expected, TimeSpan actual, TimeSpan tolerance)
    {
        var bounds = expected.Split("..");
        return actual >= Span(bounds[0]) - (tolerance / 100) && actual <= Span(bounds[^1]) + tolerance;
    }

    public static TimeSpan Span(string text) =>
        Duration.TryParse(text, out var value) ? value : throw new InvalidDataException($"{text} is no duration.");
}
