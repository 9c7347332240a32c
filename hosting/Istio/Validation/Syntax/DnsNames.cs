using System.Buffers;
using System.Globalization;

namespace Istio.Validation.Syntax;

/// <summary>
/// Host names as Istio's webhook accepts them: RFC 1123 labels in either case, a wildcard in the first label only.
/// Each check returns what is wrong, or null.
/// </summary>
internal static class DnsNames
{
    private const int MaxLength = 255;
    private const int MaxLabelLength = 63;

    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>True for one label: letters, digits and inner hyphens, at most 63 of them (RFC 1123 section 2.1).</summary>
    public static bool IsLabel(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxLabelLength && !text.ContainsAnyExcept(LabelCharacters) && text[0] != '-' && text[^1] != '-';

    /// <summary>
    /// True for a name of a Kubernetes object that becomes a DNS name: lower-case labels joined by dots (RFC 1123 subdomain).
    /// Kubernetes limits the whole to 253 characters and a label to nothing.
    /// </summary>
    public static bool IsSubdomain(string text)
    {
        if (text.Length is 0 or > 253)
        {
            return false;
        }

        foreach (var range in text.AsSpan().Split('.'))
        {
            var label = text.AsSpan(range);
            if (label.IsEmpty || label.ContainsAnyExcept(LabelCharacters) || label[0] == '-' || label[^1] == '-'
                || label.ContainsAnyInRange('A', 'Z'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for the name of a Kubernetes Service: a lower-case label that begins with a letter (RFC 1035).</summary>
    public static bool IsServiceName(string text) => IsLabel(text) && char.IsAsciiLetter(text[0])
        && !text.AsSpan().ContainsAnyInRange('A', 'Z');

    /// <summary>What is wrong with a fully qualified domain name.</summary>
    public static string? CheckFqdn(string name) => CheckLength(name) ?? CheckLabels(name, name);

    /// <summary>What is wrong with a name that may begin with a wildcard label: <c>*</c>, <c>*.example.com</c>,
    /// <c>*-a.example.com</c>.</summary>
    public static string? CheckWildcard(string name)
    {
        if (CheckLength(name) is { } fault)
        {
            return fault;
        }

        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var first = dot < 0 ? name : name[..dot];
        if (!IsWildcardLabel(first))
        {
            return InvalidLabel(name, first);
        }

        return dot < 0 ? null : CheckLabels(name, name[(dot + 1)..]);
    }

    /// <summary>True when a wildcard is only part of the first label, as in <c>*foo.example.com</c>.</summary>
    public static bool IsPartialWildcard(string name) => name.Contains('*') && name.Length != 1
        && !name.StartsWith("*.", StringComparison.Ordinal);

    /// <summary>True when the two names, wildcards included, have a host in common.</summary>
    public static bool Overlap(string left, string right)
    {
        var (shorter, longer) = left.Length < right.Length ? (left, right) : (right, left);
        if (IsWildcard(left) && IsWildcard(right))
        {
            return longer.AsSpan(1).EndsWith(shorter.AsSpan(1), StringComparison.Ordinal);
        }

        return Covers(left, right) || Covers(right, left);
    }

    /// <summary>True when every host of <paramref name="inner"/> is one of <paramref name="outer"/>.</summary>
    public static bool Covers(string outer, string inner)
    {
        if (!IsWildcard(outer))
        {
            return outer == inner;
        }

        var suffix = outer.AsSpan(1);
        return IsWildcard(inner)
            ? inner.Length >= outer.Length && inner.AsSpan(1).EndsWith(suffix, StringComparison.Ordinal)
            : inner.AsSpan().EndsWith(suffix, StringComparison.Ordinal);
    }

    /// <summary>True for a name whose first label has a wildcard.</summary>
    public static bool IsWildcard(string name) => name.StartsWith('*');

    private static bool IsWildcardLabel(string label)
    {
        var rest = label.StartsWith("*-", StringComparison.Ordinal) ? label.AsSpan(2) : label.AsSpan(label.StartsWith('*') ? 1 : 0);
        return label == "*" || (label.Length <= MaxLabelLength && IsLabel(rest));
    }

    private static string? CheckLength(string name) =>
        name.Length == 0 ? "The host name is empty; write a DNS name."
        : name.Length > MaxLength ? $"The host name has {name.Length} characters; at most {MaxLength} are allowed."
        : null;

    private static string? CheckLabels(string name, string labels)
    {
        var last = labels[(labels.LastIndexOf('.') + 1)..];
        if (int.TryParse(last, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            return $"\"{name}\" is not a DNS name: its last label is a number; write a name, or an IP address where one is allowed.";
        }

        var start = 0;
        while (start <= labels.Length)
        {
            var dot = labels.IndexOf('.', start);
            var end = dot < 0 ? labels.Length : dot;
            var label = labels[start..end];

            // A final dot marks an absolute name ("istio.io.").
            if (dot < 0 && label.Length == 0 && start > 0)
            {
                return null;
            }

            if (!IsLabel(label))
            {
                return InvalidLabel(name, label);
            }

            start = end + 1;
        }

        return null;
    }

    private static string InvalidLabel(string name, string label) =>
        label.Length == 0
            ? $"\"{name}\" is not a DNS name: it has an empty label; remove the extra dot."
            : label.Contains('*')
                ? $"\"{name}\" is not a DNS name: a wildcard may only be the first label, as in *.example.com."
                : $"\"{name}\" is not a DNS name: \"{label}\" must be letters, digits and inner hyphens, at most {MaxLabelLength} of them.";
}
