using System.Buffers;
using System.Collections.Immutable;
using Gateway.Requests;
using Istio.Security;

namespace Gateway.Policies.Jwt;

/// <summary>Where a provider's tokens stand in a request.</summary>
/// <remarks>Envoy source/extensions/filters/http/jwt_authn/extractor.cc</remarks>
internal sealed class TokenLocations
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly ImmutableArray<(string Name, string Prefix)> _headers;
    private readonly ImmutableArray<string> _parameters;
    private readonly ImmutableArray<string> _cookies;

    /// <summary>The locations of a rule. Without any: the Authorization header with Bearer, and the parameter access_token.</summary>
    public TokenLocations(JWTRule rule)
    {
        var isDefault = rule.FromHeaders.IsEmpty && rule.FromParams.IsEmpty && rule.FromCookies.IsEmpty;
        IEnumerable<(string Name, string Prefix)> headers = isDefault
            ? [("authorization", "Bearer ")]
            : rule.FromHeaders.Select(header => ((header.Name ?? "").ToLowerInvariant(), header.Prefix ?? ""));
        IEnumerable<string> parameters = isDefault ? ["access_token"] : rule.FromParams;

        // Envoy keeps locations in sorted maps: the order decides which of several tokens is looked at first.
        _headers = [.. headers.Distinct().OrderBy(header => header.Name + header.Prefix, StringComparer.Ordinal)];
        _parameters = [.. parameters.Distinct().Order(StringComparer.Ordinal)];
        _cookies = [.. rule.FromCookies.Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Adds the tokens of a request to a list.</summary>
    public void Find(RequestHead request, List<FoundToken> tokens)
    {
        foreach (var (name, prefix) in _headers)
        {
            foreach (var value in request.Headers[name])
            {
                if (value is not null && InHeader(value, prefix) is { } token)
                {
                    tokens.Add(new FoundToken(token, name, null));
                }
            }
        }

        foreach (var name in _parameters)
        {
            if (QueryParameters.Find(request.Query, name) is { } token)
            {
                tokens.Add(new FoundToken(token, null, name));
            }
        }

        foreach (var name in _cookies)
        {
            if (Cookie(request.Headers, name) is { } token)
            {
                tokens.Add(new FoundToken(token, null, null));
            }
        }
    }

    /// <summary>Takes a verified token away. Envoy cannot take it out of a cookie.</summary>
    public static void Remove(RequestHead request, in FoundToken token)
    {
        if (token.Header is not null)
        {
            request.Headers.Remove(token.Header);
        }
        else if (token.Parameter is not null)
        {
            request.Query = QueryParameters.Remove(request.Query, token.Parameter);
        }
    }

    /// <summary>The prefix may stand anywhere in the value; what cannot belong to a token between them is skipped.</summary>
    private static ReadOnlyMemory<char>? InHeader(string value, string prefix)
    {
        if (prefix.Length == 0)
        {
            return value.AsMemory();
        }

        var position = value.IndexOf(prefix, StringComparison.Ordinal);
        if (position < 0)
        {
            return null;
        }

        var start = value.AsSpan(position + prefix.Length).IndexOfAny(TokenCharacters);
        return start < 0 ? value.AsMemory() : value.AsMemory(position + prefix.Length + start);
    }

    private static ReadOnlyMemory<char>? Cookie(IHeaderDictionary headers, string name)
    {
        foreach (var value in headers.Cookie)
        {
            for (var rest = (value ?? "").AsMemory(); !rest.IsEmpty;)
            {
                var end = rest.Span.IndexOf(';');
                var pair = end < 0 ? rest : rest[..end];
                rest = end < 0 ? default : rest[(end + 1)..];
                var equals = pair.Span.IndexOf('=');
                if (equals >= 0 && pair.Span[..equals].TrimStart().SequenceEqual(name))
                {
                    return Unquoted(pair[(equals + 1)..]);
                }
            }
        }

        return null;
    }

    private static ReadOnlyMemory<char> Unquoted(ReadOnlyMemory<char> value) =>
        value.Length >= 2 && value.Span[0] == '"' && value.Span[^1] == '"' ? value[1..^1] : value;
}
