using System.Text.Json.Nodes;
using Gateway.Requests;

namespace Gateway.Routing;

/// <summary>
/// A condition on a claim of the verified token: Istio's header <c>@request.auth.claims.NAME</c> or <c>@request.auth.claims[NAME]</c>.
/// Holds for a text that matches, and for a list with one in it.
/// </summary>
/// <remarks>istio, pkg/jwt/routing.go; https://istio.io/latest/docs/tasks/security/authentication/jwt-route/</remarks>
/// <param name="path">The claim's name, and the names inside it.</param>
/// <param name="text">The condition on the value; null asks only that there is one.</param>
/// <param name="inverted">Whether the opposite must hold.</param>
internal sealed class ClaimCondition(string[] path, TextCondition? text, bool inverted) : RequestCondition
{
    private const string Prefix = "@request.auth.claims";

    /// <summary>The names in a header's name; null for a name that means a header.</summary>
    public static string[]? PathOf(string header)
    {
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var name = header[Prefix.Length..];
        return name.Length > 1 && name[0] == '.' ? name[1..].Split('.')
            : name.Length > 2 && name[0] == '[' && name[^1] == ']' ? name[1..^1].Split("][")
            : null;
    }

    public override bool Matches(RequestHead request) => Holds(Find(request)) != inverted;

    public override string Mismatch(RequestHead request) => Find(request) is { } value
        ? $"claim {Name} is {value.ToJsonString()}, {(inverted ? "which is excluded" : $"not {text}")}"
        : $"there is no claim {Name}";

    public override string ToString() => $"claim {Name} {(inverted ? "not " : "")}{text?.ToString() ?? "present"}";

    private string Name => string.Join('.', path);

    private JsonNode? Find(RequestHead request)
    {
        JsonNode? value = request.Claims;
        foreach (var name in path)
        {
            value = (value as JsonObject)?[name];
        }

        return value;
    }

    private bool Holds(JsonNode? value) => value switch
    {
        null => false,
        _ when text is null => true,
        JsonArray list => list.Any(IsMatch),
        _ => IsMatch(value),
    };

    private bool IsMatch(JsonNode? value) => value is JsonValue single && single.TryGetValue<string>(out var found) && text!.Matches(found);
}
