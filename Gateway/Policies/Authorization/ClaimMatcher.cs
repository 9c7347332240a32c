using System.Text.Json.Nodes;

namespace Gateway.Policies.Authorization;

/// <summary>Looks into the claims of a verified token.</summary>
/// <remarks>
/// Istio pilot/pkg/security/authz/model/util.go and matcher/metadata.go: a claim fits when it is text that fits, or a list with such text.
/// Numbers and booleans fit nothing.
/// </remarks>
internal static class ClaimMatcher
{
    /// <summary>A condition on a claim, found by the keys that lead to it.</summary>
    public static RequestMatcher Of(string[] path, TextPattern pattern) => request => IsMatch(request.Claims, path, pattern);

    /// <summary>
    /// A condition on issuer and subject. The last slash divides them, because issuers are URLs; an asterisk stands at the beginning or
    /// the end of the whole.
    /// </summary>
    /// <remarks>Istio pilot/pkg/security/authz/model/generator.go (requestPrincipalGenerator)</remarks>
    public static RequestMatcher OfPrincipal(string value)
    {
        var (issuer, subject) = Split(value);
        return request => TextOf(request.Claims, "iss") is { } iss && issuer.Matches(iss)
            && TextOf(request.Claims, "sub") is { } sub && subject.Matches(sub);
    }

    /// <summary>Reads <c>[a][b]</c>, the keys of a claim; null when there are no brackets.</summary>
    public static string[]? ParseKeys(string text)
    {
        if (text.Length == 0)
        {
            return [];
        }

        if (!text.StartsWith('[') || !text.EndsWith(']'))
        {
            return null;
        }

        // Brackets that are not in pairs belong to a name.
        var keys = text[1..^1].Split("][");
        return keys.Any(key => key.AsSpan().ContainsAny('[', ']')) ? [text[1..^1]] : keys;
    }

    private static (TextPattern Issuer, TextPattern Subject) Split(string value)
    {
        var slash = value.LastIndexOf('/');
        var (issuer, subject) = slash < 0 ? (value, "") : (value[..slash], value[(slash + 1)..]);
        if (value == "*")
        {
            return (TextPattern.NotEmpty, TextPattern.NotEmpty);
        }

        if (value.StartsWith('*'))
        {
            return slash < 0
                ? (TextPattern.NotEmpty, TextPattern.EndingWith(value[1..]))
                : (issuer == "*" ? TextPattern.NotEmpty : TextPattern.EndingWith(issuer[1..]), TextPattern.Exactly(subject));
        }

        if (value.EndsWith('*'))
        {
            return slash < 0
                ? (TextPattern.StartingWith(value[..^1]), TextPattern.NotEmpty)
                : (TextPattern.Exactly(issuer), subject == "*" ? TextPattern.NotEmpty : TextPattern.StartingWith(subject[..^1]));
        }

        return (TextPattern.Exactly(issuer), TextPattern.Exactly(subject));
    }

    private static bool IsMatch(JsonObject? claims, string[] path, TextPattern pattern)
    {
        JsonNode? node = claims;
        foreach (var key in path)
        {
            if (node is not JsonObject members || !members.TryGetPropertyValue(key, out node))
            {
                return false;
            }
        }

        if (node is not JsonArray items)
        {
            return TextOf(node) is { } text && pattern.Matches(text);
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (TextOf(items[i]) is { } item && pattern.Matches(item))
            {
                return true;
            }
        }

        return false;
    }

    private static string? TextOf(JsonObject? claims, string key) =>
        claims is not null && claims.TryGetPropertyValue(key, out var node) ? TextOf(node) : null;

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
