using System.Globalization;
using System.Text.RegularExpressions;

namespace Dashboard.Terminal;

/// <summary>A piece of a line in one style; the style is a list of CSS classes.</summary>
internal readonly record struct AnsiSpan(string Text, string Style);

/// <summary>
/// Reads the colours that programs write for terminals: SGR of ECMA-48, section 8.3.117. All other control sequences are left out.
/// </summary>
internal static partial class AnsiText
{
    private static readonly string[] Colors = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

    /// <summary>The pieces of a line.</summary>
    public static IReadOnlyList<AnsiSpan> Parse(string line)
    {
        if (!line.Contains('\e', StringComparison.Ordinal))
        {
            return [new AnsiSpan(line, "")];
        }

        var spans = new List<AnsiSpan>();
        var (color, isBold, isDim) = ("", false, false);
        var start = 0;
        foreach (Match sequence in ControlSequence().Matches(line))
        {
            Add(line[start..sequence.Index]);
            start = sequence.Index + sequence.Length;
            if (sequence.Value.EndsWith('m'))
            {
                (color, isBold, isDim) = Apply(sequence.Groups[1].Value, color, isBold, isDim);
            }
        }

        Add(line[start..]);
        return spans;

        void Add(string text)
        {
            if (text.Length > 0)
            {
                var styles = new[] { color, isBold ? "ansi-bold" : "", isDim ? "ansi-dim" : "" };
                spans.Add(new AnsiSpan(text, string.Join(' ', styles.Where(style => style.Length > 0))));
            }
        }
    }

    /// <summary>The line without control sequences.</summary>
    public static string Strip(string line) => line.Contains('\e', StringComparison.Ordinal) ? ControlSequence().Replace(line, "") : line;

    private static (string Color, bool IsBold, bool IsDim) Apply(string parameters, string color, bool isBold, bool isDim)
    {
        var codes = parameters.Split(';').Select(code => int.TryParse(code, CultureInfo.InvariantCulture, out var number) ? number : 0).ToList();
        for (var i = 0; i < codes.Count; i++)
        {
            switch (codes[i])
            {
                case 0:
                    (color, isBold, isDim) = ("", false, false);
                    break;
                case 1:
                    isBold = true;
                    break;
                case 2:
                    isDim = true;
                    break;
                case 22:
                    (isBold, isDim) = (false, false);
                    break;
                case >= 30 and <= 37:
                    color = $"ansi-{Colors[codes[i] - 30]}";
                    break;
                case >= 90 and <= 97:
                    color = $"ansi-{Colors[codes[i] - 90]}";
                    break;
                case 39:
                    color = "";
                    break;
                case 38 or 48:
                    // A colour of 256 or of 16 million; the palette of a page has eight.
                    i += i + 1 < codes.Count && codes[i + 1] == 5 ? 2 : 4;
                    break;
            }
        }

        return (color, isBold, isDim);
    }

    [GeneratedRegex(@"\e\[([0-?]*)[ -/]*[@-~]", RegexOptions.CultureInvariant)]
    private static partial Regex ControlSequence();
}
