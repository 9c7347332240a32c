using System.Globalization;
using System.Text.RegularExpressions;

namespace Istio.Validation.Traps;

/// <summary>
/// What ingress-nginx makes of paths.
/// Source: https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/
/// </summary>
internal static partial class IngressTraps
{
    // Faults that any engine finds; what only PCRE or only .NET knows is none.
    private static readonly RegexParseError[] Faults =
    [
        RegexParseError.InsufficientOpeningParentheses, RegexParseError.InsufficientClosingParentheses, RegexParseError.UnterminatedBracket,
        RegexParseError.UnescapedEndingBackslash, RegexParseError.QuantifierAfterNothing, RegexParseError.ReversedCharacterRange,
        RegexParseError.ReversedQuantifierRange,
    ];

    public static void Check(Mesh mesh)
    {
        var paths = OutsideTraffic.Paths(mesh).Where(path => path.IsNginx && !string.IsNullOrEmpty(path.Path.Path)).ToArray();
        var rewriters = paths.Where(path => path.IsRegex).GroupBy(path => path.Host, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().At.Document, StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var (at, text) = (path.At["path"], path.Path.Path!);
            if (path.Path.PathType != "ImplementationSpecific" && !PlainPath().IsMatch(text))
            {
                at.Report(TrapCodes.IngressPathType,
                    $"\"{text}\" has characters that ingress-nginx takes with pathType ImplementationSpecific only; change the pathType.");
            }

            if (path.IsRegex)
            {
                CheckExpression(at, text, path.RewriteTarget);
            }
            else if (rewriters.TryGetValue(path.Host, out var rewriter))
            {
                at.Report(TrapCodes.IngressRegexSpreads,
                    $"Ingress {rewriter.Name} makes all paths of {(path.Host.Length == 0 ? "every host" : path.Host)} expressions, so "
                    + $"\"{text}\" matches in any case and any longer path; "
                    + "give the rewriting Ingress a host of its own.");
            }
        }
    }

    private static void CheckExpression(Place at, string text, string? target)
    {
        if (Compile(text, out var fault) is not { } expression)
        {
            if (fault is not null)
            {
                at.Report(TrapCodes.IngressRegex, $"nginx cannot compile \"{text}\": {fault}");
            }

            return;
        }

        var groups = expression.GetGroupNumbers().Length - 1;
        foreach (Match reference in GroupReference().Matches(target ?? ""))
        {
            if (int.Parse(reference.Groups[1].ValueSpan, CultureInfo.InvariantCulture) > groups)
            {
                at.Report(TrapCodes.IngressCapture,
                    $"rewrite-target uses {reference.Value}, but \"{text}\" captures "
                    + $"{(groups == 0 ? "nothing" : groups == 1 ? "one group" : $"{groups} groups")}; add the group, or correct the "
                    + "number.");
            }
        }
    }

    /// <summary>The expression by which nginx finds the location; null when it is none, or one that only PCRE can read.</summary>
    public static Regex? Compile(string path, out string? fault)
    {
        fault = null;
        try
        {
            return new Regex("^" + path, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (RegexParseException exception)
        {
            fault = Faults.Contains(exception.Error)
                ? exception.Message[(exception.Message.LastIndexOf(". ", StringComparison.Ordinal) + 1)..].Trim()
                : null;
            return null;
        }
    }

    [GeneratedRegex(@"^/[A-Za-z0-9._/-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainPath();

    [GeneratedRegex(@"\$([0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex GroupReference();
}
