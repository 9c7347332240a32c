using System.Buffers;

namespace Istio.Validation.Syntax;

/// <summary>Header names and values as Envoy takes them. Each check returns what is wrong, or null.</summary>
internal static class HttpHeaders
{
    // RFC 9110 section 5.6.2, token.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] PseudoHeaders = [":method", ":scheme", ":authority", ":path", ":status"];

    private static readonly SearchValues<char> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(c => c != '\t').Select(c => (char)c), '\x7f']);

    /// <summary>True for a name of RFC 9110 characters.</summary>
    public static bool IsToken(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    /// <summary>A name in a match: a header, a pseudo-header, or <c>@request.auth.claims</c>.</summary>
    public static string? CheckMatchName(string name) =>
        name.Length == 0 ? "A header name is empty; write the header's name."
        : IsClaim(name) || PseudoHeaders.Contains(name) || IsToken(name) ? null
        : NotAHeader(name);

    /// <summary>A name to set or add on a request; <c>host</c> and <c>:authority</c> rewrite the authority.</summary>
    public static string? CheckRequestChange(string name) =>
        name.Length == 0 ? "A header name is empty; write the header's name."
        : name.StartsWith(':') && !IsAuthority(name)
            ? $"\"{name}\" cannot be changed: a pseudo-header other than :authority is not a header; use rewrite instead."
        : null;

    /// <summary>A name to remove from a request, or to change on a response.</summary>
    public static string? CheckChange(string name) =>
        name.Length == 0 ? "A header name is empty; write the header's name."
        : name.Equals("host", StringComparison.OrdinalIgnoreCase)
            ? $"\"{name}\" cannot be changed here; set it on the request, or use rewrite.authority."
        : name.StartsWith(':') ? $"\"{name}\" cannot be changed: a pseudo-header is not a header."
        : null;

    /// <summary>A name in a CORS policy; <c>*</c> stands for all.</summary>
    public static string? CheckCorsName(string name) =>
        name.Length == 0 ? "A header name is empty; write the header's name." : name == "*" || IsToken(name) ? null : NotAHeader(name);

    /// <summary>A name of letters, digits, hyphens and underscores, as the claims of a token are copied to.</summary>
    public static string? CheckPlainName(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? null
            : $"\"{name}\" is not a header name; use letters, digits, '-' and '_'.";

    /// <summary>True for the names by which Envoy changes the authority.</summary>
    public static bool IsAuthority(string name) =>
        name.Equals(":authority", StringComparison.OrdinalIgnoreCase) || name.Equals("host", StringComparison.OrdinalIgnoreCase);

    /// <summary>True for a route match on a claim of the token: <c>@request.auth.claims.group</c> or
    /// <c>@request.auth.claims[group]</c>.</summary>
    public static bool IsClaim(string name)
    {
        const string prefix = "@request.auth.claims";
        if (!name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = name.AsSpan(prefix.Length);
        return (rest.StartsWith('.') && rest.Length > 1) || (rest.StartsWith('[') && rest.EndsWith(']') && rest.Length > 2);
    }

    /// <summary>
    /// A value with Envoy's command operators: <c>%START_TIME%</c>, <c>%REQ(NAME)%</c>, <c>%%</c> for a percent sign.
    /// Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers
    /// </summary>
    public static string? CheckValue(string value)
    {
        if (value.AsSpan().ContainsAny(ControlCharacters))
        {
            return "The header value has a control character; remove it.";
        }

        var position = 0;
        while (position < value.Length)
        {
            if (value[position] != '%')
            {
                position++;
                continue;
            }

            if (position + 1 == value.Length)
            {
                return $"\"{value}\" has a single %; write %% for a percent sign.";
            }

            if (value[position + 1] == '%')
            {
                position += 2;
                continue;
            }

            if (!TrySkipOperator(value, ref position))
            {
                return $"\"{value}\" has an unfinished %COMMAND%; close it, or write %% for a percent sign.";
            }
        }

        return null;
    }

    /// <summary>Moves past <c>%NAME%</c>, <c>%NAME(argument)%</c> or <c>%NAME(["a", "b"])%</c>.</summary>
    private static bool TrySkipOperator(string value, ref int position)
    {
        for (position++; position < value.Length && value[position] is not ('%' or '('); position++)
        {
        }

        if (position < value.Length && value[position] == '(' && !TrySkipArguments(value, ref position))
        {
            return false;
        }

        while (position < value.Length && value[position] == ' ')
        {
            position++;
        }

        return position < value.Length && value[position++] == '%';
    }

    private static bool TrySkipArguments(string value, ref int position)
    {
        var quoted = false;
        for (position++; position < value.Length; position++)
        {
            if (value[position] == '\\')
            {
                position++;
            }
            else if (value[position] == '"')
            {
                quoted = !quoted;
            }
            else if (value[position] == ')' && !quoted)
            {
                position++;
                return true;
            }
        }

        return false;
    }

    private static string NotAHeader(string name) => $"\"{name}\" is not a header name; use letters, digits and hyphens.";
}
