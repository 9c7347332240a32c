using System.Buffers;

namespace Istio.Validation.Syntax;

/// <summary>
/// Keys and values of Kubernetes labels. Source:
/// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
/// </summary>
internal static class LabelSyntax
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("-_.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>What is wrong with a key; null when nothing is.</summary>
    public static string? CheckKey(string key)
    {
        var slash = key.LastIndexOf('/');
        if (slash >= 0 && !IsPrefix(key[..slash]))
        {
            return $"\"{key}\" is not a label or annotation key; before the slash it must have a DNS name of at most 253 characters.";
        }

        return IsName(key.AsSpan(slash + 1))
            ? null
            : $"\"{key}\" is not a label or annotation key; it must be at most 63 letters, digits, '-', '_' and '.', with a letter or "
                + "digit at both ends.";
    }

    /// <summary>What is wrong with a value; null when nothing is. An empty value is allowed.</summary>
    public static string? CheckValue(string value) =>
        value.Length == 0 || IsName(value)
            ? null
            : $"\"{value}\" is not a label value; it must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both "
                + "ends.";

    private static bool IsName(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= 63 && !text.ContainsAnyExcept(NameCharacters) && char.IsAsciiLetterOrDigit(text[0])
            && char.IsAsciiLetterOrDigit(text[^1]);

    private static bool IsPrefix(string text) => text.Length <= 253 && DnsNames.CheckFqdn(text) is null && !text.EndsWith('.');
}
