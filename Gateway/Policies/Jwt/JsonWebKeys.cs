using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text.Json;

namespace Gateway.Policies.Jwt;

/// <summary>The public keys of an issuer (RFC 7517), immutable.</summary>
/// <remarks>Envoy source/common/jwt/jwks.cc and verify.cc</remarks>
internal sealed class JsonWebKeys
{
    private readonly ImmutableArray<JsonWebKey> _keys;

    private JsonWebKeys(ImmutableArray<JsonWebKey> keys) => _keys = keys;

    /// <summary>
    /// Stands for keys that could not be fetched. Istio puts a key in their place whose private half nobody has, so that every token fails.
    /// </summary>
    public static JsonWebKeys Unavailable { get; } = new([new JsonWebKey("", "", null)]);

    /// <summary>Reads a key set.</summary>
    /// <param name="json">The document.</param>
    /// <param name="faults">Receives what is wrong with it, or with single keys, which are left out.</param>
    /// <returns>The keys; null when there is none that can be used.</returns>
    public static JsonWebKeys? Parse(string json, List<string> faults)
    {
        JsonElement root;
        try
        {
            root = JsonElement.Parse(json);
        }
        catch (JsonException exception)
        {
            faults.Add($"the key set is no JSON: {exception.Message}");
            return null;
        }

        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            faults.Add("the key set has no list \"keys\"");
            return null;
        }

        var keys = ImmutableArray.CreateBuilder<JsonWebKey>();
        foreach (var item in list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object))
        {
            if (JsonWebKey.Parse(item, out var fault) is { } key)
            {
                keys.Add(key);
            }

            if (fault is not null)
            {
                faults.Add($"key {keys.Count + faults.Count}: {fault}");
            }
        }

        if (keys.Count == 0 && faults.Count == 0)
        {
            faults.Add("the key set is empty");
        }

        return keys.Count == 0 ? null : new JsonWebKeys(keys.ToImmutable());
    }

    /// <summary>Verifies a token's signature with the keys that its header allows.</summary>
    /// <returns>Null when one fits, or the reason.</returns>
    public string? Verify(ParsedToken token)
    {
        var matched = false;
        foreach (var key in _keys)
        {
            // A key without kid, or a token without kid, leaves only trying.
            if ((token.KeyId.Length > 0 && key.Id.Length > 0 && key.Id != token.KeyId)
                || (key.Algorithm.Length > 0 && key.Algorithm != token.Algorithm))
            {
                continue;
            }

            matched = true;
            if (key.Verify(token))
            {
                return null;
            }
        }

        return matched ? JwtStatus.VerificationFails : JwtStatus.KidAlgMismatch;
    }

    internal static byte[]? Decode(JsonElement key, string member)
    {
        if (!key.TryGetProperty(member, out var value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return Base64Url.DecodeFromChars(value.GetString());
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
