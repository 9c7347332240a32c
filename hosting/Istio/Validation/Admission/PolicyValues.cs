using System.Buffers;
using System.Globalization;
using Istio.Documents;

namespace Istio.Validation.Admission;

/// <summary>The values of an AuthorizationPolicy's fields. Each check of one value returns what is wrong, or null.</summary>
internal static class PolicyValues
{
    // RFC 3986 pchar.
    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("-._~%!$&'()+,;:@=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Checks each value, which must not be empty.</summary>
    public static void Check(Place at, EquatableArray<string> values, Func<string, string?> check)
    {
        for (var i = 0; i < values.Count; i++)
        {
            at[i].Reject(values[i].Length == 0
                ? "The value is empty and matches nothing; write a value, or remove the entry."
                : check(values[i]));
        }
    }

    public static string? Any(string value) => null;

    public static string? Port(string value) =>
        uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
            ? null
            : $"\"{value}\" is not a port; write a number up to 65535.";

    public static string? ServiceAccount(string value)
    {
        var parts = value.Split('/');
        return value.Contains('*') ? $"\"{value}\" has a wildcard, which service accounts do not know; write the exact name."
            : value.Length > 320 ? $"A service account has at most 320 characters, and this {value.Length}; write name or namespace/name."
            : parts.Length > 2 || parts.Any(part => part.Length == 0)
                ? $"\"{value}\" is not a service account; write name or namespace/name."
                : null;
    }

    public static string? TrustDomain(string value) => value.Contains('/')
        ? $"\"{value}\" is not a trust domain; it has no slash."
        : Wildcard(value);

    /// <summary>A wildcard only as the first or the last character.</summary>
    public static string? Wildcard(string value)
    {
        var count = value.Count(c => c == '*');
        return count == 0 || value == "*" || (count == 1 && (value.StartsWith('*') || value.EndsWith('*')))
            ? null
            : $"\"{value}\" has a wildcard in its middle; one * may stand at the beginning or the end.";
    }

    /// <summary>A path, in which {*} stands for one segment and {**} for the rest.</summary>
    public static string? Path(string value)
    {
        var isTemplate = value.Contains("{*}", StringComparison.Ordinal) || value.Contains("{**}", StringComparison.Ordinal);
        var rest = false;
        foreach (var segment in value.Trim('/').Split('/'))
        {
            if (segment is "{*}" or "{**}")
            {
                if (rest)
                {
                    return $"\"{value}\" has {segment} after {{**}}; {{**}} is the last of its kind in a path.";
                }

                rest = segment == "{**}";
                continue;
            }

            if (segment.ContainsAny('{', '}'))
            {
                return $"\"{value}\" has a brace that is not {{*}} or {{**}} as a whole segment; correct it.";
            }

            if (isTemplate && (segment.Length == 0 || segment.AsSpan().ContainsAnyExcept(PathCharacters)))
            {
                return $"\"{value}\" has the segment \"{segment}\", which a path with {{*}} or {{**}} cannot have; use plain path "
                    + "characters without *.";
            }
        }

        return null;
    }
}
