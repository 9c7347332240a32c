using System.Diagnostics.CodeAnalysis;
using System.Text;
using Istio.Re2;

namespace Gateway.Policies.Authorization;

/// <summary>
/// A path with <c>{*}</c> for one segment or <c>{**}</c> for any number of them, also none, as Envoy's URI templates understand it.
/// </summary>
/// <remarks>
/// Istio pilot/pkg/security/authz/matcher/template.go, Envoy source/extensions/path/uri_template_lib/uri_template_internal.cc
/// </remarks>
internal static class PathTemplate
{
    // pchar of RFC 3986 without the asterisk and the equals sign. Envoy tests characters only, so that %zz passes.
    private const string Literal = "a-zA-Z0-9-._~%!$&'()+,;:@";
    private const string Symbols = "-._~%!$&'()+,;:@";

    /// <summary>Whether a value of a policy is a template.</summary>
    public static bool IsTemplate(string path) =>
        path.Contains("{*}", StringComparison.Ordinal) || path.Contains("{**}", StringComparison.Ordinal);

    /// <summary>Compiles a template.</summary>
    public static bool TryParse(string path, [NotNullWhen(true)] out Re2Pattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        var regex = ToRegex(path.Replace("{**}", "**", StringComparison.Ordinal).Replace("{*}", "*", StringComparison.Ordinal), out error);
        if (regex is null)
        {
            error ??= "the template is invalid";
            return false;
        }

        if (Re2Pattern.TryParse(regex, out pattern, out var fault))
        {
            error = null;
            return true;
        }

        error = fault.Message;
        return false;
    }

    private static string? ToRegex(string template, out string? error)
    {
        error = template.StartsWith('/') ? null : "a template begins with a slash";
        var regex = new StringBuilder("/");
        var rest = error is null ? template.AsSpan(1) : [];
        var seenTextGlob = false;
        while (error is null && !rest.IsEmpty)
        {
            if (rest[0] == '*')
            {
                error = seenTextGlob ? "nothing but text may follow {**}" : null;
                seenTextGlob = rest.StartsWith("**", StringComparison.Ordinal);
                regex.Append(seenTextGlob ? $"[{Literal}/]*" : $"[{Literal}]+");
                rest = rest[(seenTextGlob ? 2 : 1)..];
            }
            else
            {
                AppendLiteral(ref rest, regex, ref error);
            }

            if (error is null && !rest.IsEmpty)
            {
                NextSegment(ref rest, regex, ref error);
            }
        }

        return error is null ? regex.ToString() : null;
    }

    /// <summary>After a segment: a slash, or after an operator a literal that ends the template.</summary>
    private static void NextSegment(ref ReadOnlySpan<char> rest, StringBuilder regex, ref string? error)
    {
        if (rest[0] == '/')
        {
            regex.Append('/');
            rest = rest[1..];
            return;
        }

        AppendLiteral(ref rest, regex, ref error);
        if (!rest.IsEmpty)
        {
            error ??= "text after an operator in the same segment must end the template";
        }
    }

    private static void AppendLiteral(ref ReadOnlySpan<char> rest, StringBuilder regex, ref string? error)
    {
        var end = rest.IndexOf('/');
        var literal = end < 0 ? rest : rest[..end];
        rest = rest[literal.Length..];
        foreach (var character in literal)
        {
            if (!char.IsAsciiLetterOrDigit(character) && !Symbols.Contains(character, StringComparison.Ordinal))
            {
                error = $"the character {character} may not stand in a template";
                return;
            }

            if ("$()+.".Contains(character, StringComparison.Ordinal))
            {
                regex.Append('\\');
            }

            regex.Append(character);
        }

        if (literal.IsEmpty)
        {
            error = "a segment of a template may not be empty";
        }
    }
}
