using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace Gateway.Policies.Jwt;

/// <summary>A JSON web token, read but not verified (RFC 7519).</summary>
/// <remarks>Envoy source/common/jwt/jwt.cc</remarks>
internal sealed class ParsedToken
{
    private static readonly FrozenSet<string> Algorithms = new[]
    {
        "ES256", "ES384", "ES512", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA",
    }.ToFrozenSet(StringComparer.Ordinal);

    private ParsedToken(string algorithm, string keyId, JsonElement payload, string payloadText)
    {
        (Algorithm, KeyId, Payload, PayloadText) = (algorithm, keyId, payload, payloadText);
    }

    /// <summary><c>alg</c> of the header; one that Envoy knows.</summary>
    public string Algorithm { get; }

    /// <summary><c>kid</c> of the header; empty when it has none.</summary>
    public string KeyId { get; }

    /// <summary>The claims.</summary>
    public JsonElement Payload { get; }

    /// <summary>The claims as the token has them, in base64url.</summary>
    public string PayloadText { get; }

    /// <summary><c>iss</c>; empty when absent.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary><c>aud</c>: one text or several, as <see cref="Audience.Bare"/> gives them.</summary>
    public string[] Audiences { get; private set; } = [];

    /// <summary><c>nbf</c> in seconds since 1970; 0 when absent.</summary>
    public ulong NotBefore { get; private set; }

    /// <summary><c>exp</c> in seconds since 1970; 0 when absent, which means never.</summary>
    public ulong Expires { get; private set; }

    /// <summary>What is signed: header and payload with their dot.</summary>
    public byte[] SignedBytes { get; private set; } = [];

    /// <summary>The signature.</summary>
    public byte[] Signature { get; private set; } = [];

    /// <summary>Reads a token.</summary>
    /// <returns>The token, or the reason why there is none.</returns>
    public static (ParsedToken? Token, string? Status) Parse(string text)
    {
        // Empty sections do not count, so that a token with a dot at its end passes.
        var sections = text.Split('.', StringSplitOptions.RemoveEmptyEntries);
        if (sections.Length != 3)
        {
            return (null, JwtStatus.BadFormat);
        }

        if (Decode(sections[0]) is not { } headerBytes)
        {
            return (null, JwtStatus.HeaderBadBase64);
        }

        if (ParseObject(headerBytes) is not { } header)
        {
            return (null, JwtStatus.HeaderBadJson);
        }

        if (!header.TryGetProperty("alg", out var alg) || alg.ValueKind != JsonValueKind.String)
        {
            return (null, JwtStatus.HeaderBadAlg);
        }

        if (!Algorithms.TryGetValue(alg.GetString()!, out var algorithm))
        {
            return (null, JwtStatus.HeaderNotImplementedAlg);
        }

        var hasKeyId = header.TryGetProperty("kid", out var kid);
        if (hasKeyId && kid.ValueKind != JsonValueKind.String)
        {
            return (null, JwtStatus.HeaderBadKid);
        }

        return ParsePayload(sections, algorithm, hasKeyId ? kid.GetString()! : "");
    }

    private static (ParsedToken? Token, string? Status) ParsePayload(string[] sections, string algorithm, string keyId)
    {
        if (Decode(sections[1]) is not { } bytes)
        {
            return (null, JwtStatus.PayloadBadBase64);
        }

        if (ParseObject(bytes) is not { } payload)
        {
            return (null, JwtStatus.PayloadBadJson);
        }

        var token = new ParsedToken(algorithm, keyId, payload, sections[1]);
        if (token.ReadClaims() is { } status)
        {
            return (null, status);
        }

        if (Decode(sections[2]) is not { } signature)
        {
            return (null, JwtStatus.SignatureBadBase64);
        }

        token.SignedBytes = Encoding.UTF8.GetBytes($"{sections[0]}.{sections[1]}");
        token.Signature = signature;
        return (token, null);
    }

    private string? ReadClaims()
    {
        foreach (var name in (ReadOnlySpan<string>)["iss", "sub"])
        {
            if (Payload.TryGetProperty(name, out var text) && text.ValueKind != JsonValueKind.String)
            {
                return JwtStatus.NotString(name);
            }
        }

        Issuer = Payload.TryGetProperty("iss", out var issuer) ? issuer.GetString()! : "";
        if (ReadTime("iat", out _) is { } badIssuedAt)
        {
            return badIssuedAt;
        }

        if (ReadTime("nbf", out var notBefore) is { } badNotBefore)
        {
            return badNotBefore;
        }

        if (ReadTime("exp", out var expires) is { } badExpires)
        {
            return badExpires;
        }

        (NotBefore, Expires) = (notBefore, expires);
        return Payload.TryGetProperty("jti", out var id) && id.ValueKind != JsonValueKind.String
            ? JwtStatus.NotString("jti")
            : ReadAudiences();
    }

    private string? ReadTime(string name, out ulong seconds)
    {
        seconds = 0;
        if (!Payload.TryGetProperty(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            return JwtStatus.NotInteger(name);
        }

        // Fractions are cut off.
        var number = value.GetDouble();
        if (number is < 0 or >= ulong.MaxValue)
        {
            return JwtStatus.OutOfRange(name);
        }

        seconds = (ulong)number;
        return null;
    }

    private string? ReadAudiences()
    {
        if (!Payload.TryGetProperty("aud", out var audience))
        {
            return null;
        }

        if (audience.ValueKind == JsonValueKind.String)
        {
            Audiences = [Audience.Bare(audience.GetString()!)];
            return null;
        }

        if (audience.ValueKind != JsonValueKind.Array || audience.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            return JwtStatus.AudienceNotString;
        }

        Audiences = [.. audience.EnumerateArray().Select(item => Audience.Bare(item.GetString()!))];
        return null;
    }

    private static byte[]? Decode(string text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static JsonElement? ParseObject(byte[] bytes)
    {
        try
        {
            var element = JsonElement.Parse(bytes);
            return element.ValueKind == JsonValueKind.Object ? element : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
