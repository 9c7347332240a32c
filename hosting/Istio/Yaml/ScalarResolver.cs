using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Istio.Yaml;

/// <summary>
/// Decides whether plain text is a null, a boolean, a number or a string, as the YAML reader of kubectl and the API server does:
/// YAML 1.1 with its booleans <c>on</c>, <c>yes</c>, <c>y</c> and octal <c>0644</c>; no base 60; dates stay strings.
/// Source: sigs.k8s.io/yaml, goyaml.v2/resolve.go.
/// </summary>
internal static partial class ScalarResolver
{
    /// <summary>The kind of plain (unquoted, untagged) text and its JSON spelling; for a string, the text itself.</summary>
    public static (ScalarKind Kind, string Json) Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return (ScalarKind.Null, "null");
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return (ScalarKind.Boolean, "true");
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return (ScalarKind.Boolean, "false");
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF":
                return (ScalarKind.Float, "");
            default:
                return text[0] is '+' or '-' or '.' || char.IsAsciiDigit(text[0]) ? ResolveNumber(text) : (ScalarKind.String, text);
        }
    }

    private static (ScalarKind Kind, string Json) ResolveNumber(string text)
    {
        var plain = text[0] == '.' || !text.Contains('_', StringComparison.Ordinal)
            ? text : text.Replace("_", "", StringComparison.Ordinal);
        if (ResolveInteger(plain) is { } integer)
        {
            return (ScalarKind.Integer, integer);
        }

        if (Float().IsMatch(plain)
            && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            return (ScalarKind.Float, JsonNumber(number));
        }

        return (ScalarKind.String, text);
    }

    private static string? ResolveInteger(string plain)
    {
        var negative = plain[0] == '-';
        var digits = plain.AsSpan(plain[0] is '+' or '-' ? 1 : 0);
        if (digits.IsEmpty || !char.IsAsciiDigit(digits[0]))
        {
            return null;
        }

        if (digits.Length == 1 || digits[0] != '0')
        {
            return digits.ContainsAnyExceptInRange('0', '9') ? null : negative && digits is not "0" ? $"-{digits}" : digits.ToString();
        }

        return digits[1] switch
        {
            'x' or 'X' => InRadix(digits[2..], 16, negative),
            'o' or 'O' => InRadix(digits[2..], 8, negative),
            'b' or 'B' => InRadix(digits[2..], 2, negative),
            _ => InRadix(digits[1..], 8, negative),
        };
    }

    private static string? InRadix(ReadOnlySpan<char> digits, int radix, bool negative)
    {
        // 64 bits take at most 64 digits; what is longer is no number anyone means.
        if (digits.IsEmpty || digits.Length > 64)
        {
            return null;
        }

        var value = BigInteger.Zero;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        return (negative ? -value : value).ToString(CultureInfo.InvariantCulture);
    }

    private static string JsonNumber(double number) =>
        double.IsInteger(number) && Math.Abs(number) < 1e15
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
