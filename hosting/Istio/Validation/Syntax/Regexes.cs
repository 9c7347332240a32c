using System.Text;
using Istio.Re2;

namespace Istio.Validation.Syntax;

/// <summary>Regular expressions of Istio resources: RE2's language. Each check returns what is wrong, or null.</summary>
internal static class Regexes
{
    // Istio's own limit, in place of Envoy's limit of the compiled program.
    private const int MaxBytes = 1024;

    /// <summary>A pattern.</summary>
    public static string? CheckPattern(string pattern)
    {
        if (pattern.Length == 0)
        {
            return "The expression is empty; write what to match.";
        }

        if (Encoding.UTF8.GetByteCount(pattern) is var bytes and > MaxBytes)
        {
            return $"The expression has {bytes} bytes; at most {MaxBytes} are allowed.";
        }

        return Re2Pattern.TryParse(pattern, out _, out var error) ? null : NotAPattern(pattern, error);
    }

    /// <summary>What replaces the matches of a valid pattern.</summary>
    public static string? CheckSubstitution(string pattern, string substitution) =>
        Re2Rewrite.TryParse(pattern, substitution, out _, out var error)
            ? null
            : $"\"{substitution}\" cannot replace the match: {error.Message}; \\1 to \\9 stand for groups, \\\\ for a backslash.";

    private static string NotAPattern(string pattern, Re2Error error) =>
        $"\"{pattern}\" is not an RE2 expression, at character {error.Position + 1}: {error.Message}; see "
        + "https://github.com/google/re2/wiki/Syntax.";
}
