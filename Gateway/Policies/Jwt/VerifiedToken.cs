using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Istio.Security;

namespace Gateway.Policies.Jwt;

/// <summary>A token whose signature fits, and what a provider makes of it. Immutable; the claims are only read.</summary>
internal sealed class VerifiedToken
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private VerifiedToken(ParsedToken token, JsonWebKeys keys, JsonObject claims, ImmutableArray<(string Name, string Value)> headers) =>
        (Token, Keys, Claims, Headers) = (token, keys, claims, headers);

    /// <summary>The token.</summary>
    public ParsedToken Token { get; }

    /// <summary>The key set that the signature was verified with; it says nothing about any other.</summary>
    public JsonWebKeys Keys { get; }

    /// <summary>The claims for policies and routes: lists where the rule says that spaces divide a text.</summary>
    public JsonObject Claims { get; }

    /// <summary>The headers that pass claims on.</summary>
    public ImmutableArray<(string Name, string Value)> Headers { get; }

    /// <summary>Reads the claims as the rule says.</summary>
    public static VerifiedToken Of(ParsedToken token, JsonWebKeys keys, JWTRule rule)
    {
        // Envoy's normalize_payload_in_metadata, as Istio sets it (pilot/pkg/security/authn/policy_applier.go).
        var claims = new JsonObject();
        foreach (var claim in token.Payload.EnumerateObject())
        {
            var isList = claim.Value.ValueKind == JsonValueKind.String
                && (claim.Name is "scope" or "permission" || rule.SpaceDelimitedClaims.Contains(claim.Name));
            claims[claim.Name] = isList && Words(claim.Value.GetString()!) is { Count: > 0 } words ? words : Copy(claim.Value);
        }

        var headers = rule.OutputClaimToHeaders
            .Select(output => (Name: output.Header ?? "", Value: Find(token.Payload, output.Claim ?? "")))
            .Where(header => header.Value.ValueKind != JsonValueKind.Undefined)
            .Select(header => (header.Name, Value: ToText(header.Value)))
            .Where(header => header.Value.Length > 0);
        return new VerifiedToken(token, keys, claims, [.. headers]);
    }

    private static JsonArray Words(string text) =>
        new([.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => (JsonNode)JsonValue.Create(word))]);

    /// <summary>A copy that is ready to be read by many requests at once: JSON's own nodes read themselves when first asked.</summary>
    private static JsonNode? Copy(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new JsonObject();
                foreach (var member in value.EnumerateObject())
                {
                    members[member.Name] = Copy(member.Value);
                }

                return members;
            case JsonValueKind.Array:
                return new JsonArray([.. value.EnumerateArray().Select(Copy)]);
            case JsonValueKind.String:
                return JsonValue.Create(value.GetString());
            case JsonValueKind.Number:
                return JsonValue.Create(value.GetDouble());
            case JsonValueKind.True or JsonValueKind.False:
                return JsonValue.Create(value.GetBoolean());
            default:
                return null;
        }
    }

    /// <summary>Dots lead into claims; a claim with a dot in its name cannot be named.</summary>
    private static JsonElement Find(JsonElement payload, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (payload.ValueKind != JsonValueKind.Object || !payload.TryGetProperty(name, out payload))
            {
                return default;
            }
        }

        return payload;
    }

    /// <summary>Envoy source/extensions/filters/http/jwt_authn/authenticator.cc (addJWTClaimToHeader, convertClaimDoubleToString)</summary>
    private static string ToText(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString()!;
            case JsonValueKind.True or JsonValueKind.False:
                return value.GetBoolean() ? "true" : "false";
            case JsonValueKind.Number:
                var number = value.GetDouble();
                return number is >= 0 and < ulong.MaxValue && double.IsInteger(number)
                    ? ((ulong)number).ToString(CultureInfo.InvariantCulture)
                    : number.ToString("F6", CultureInfo.InvariantCulture);
            case JsonValueKind.Object or JsonValueKind.Array:
                return Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(Copy(value), Plain));
            default:
                return "";
        }
    }
}
