using System.Text.RegularExpressions;

namespace Aspire.Hosting.Orchestration.Terminal;

/// <summary>Text that programs coloured for a terminal.</summary>
internal static partial class AnsiText
{
    /// <summary>The text without control sequences: ECMA-48 section 5.4.</summary>
    public static string Strip(string text) => text.Contains('\e', StringComparison.Ordinal) ? ControlSequence().Replace(text, "") : text;

    [GeneratedRegex(@"\e\[[0-?]*[ -/]*[@-~]", RegexOptions.CultureInvariant)]
    private static partial Regex ControlSequence();
}
