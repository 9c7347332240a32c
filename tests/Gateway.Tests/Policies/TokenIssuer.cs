using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Tests.Policies;

/// <summary>Issues tokens with keys of its own, by Microsoft's library; the gateway's reading is independent of it.</summary>
internal sealed class TokenIssuer
{
    public const string Name = "https://issuer.example";

    private static readonly Lock Gate = new();
    private static readonly Lazy<RSA> OneRsa = new(() => RSA.Create(2048));
    private static readonly Lazy<RSA> OtherRsa = new(() => RSA.Create(2048));

    private readonly SigningCredentials _credentials;
    private readonly JsonObject _publicKey;

    private TokenIssuer(SecurityKey key, string algorithm, JsonObject publicKey, string? keyId)
    {
        key.KeyId = keyId;
        _credentials = new SigningCredentials(key, algorithm)
        {
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        };
        _publicKey = publicKey;
        if (keyId is not null)
        {
            publicKey["kid"] = keyId;
        }
    }

    /// <summary>Signs with RSA or RSA-PSS.</summary>
    public static TokenIssuer Rsa(string algorithm = "RS256", string? keyId = "rsa-1", bool other = false)
    {
        // Making a key takes a while; two are enough.
        var key = (other ? OtherRsa : OneRsa).Value;
        var parameters = key.ExportParameters(false);
        return new(new RsaSecurityKey(key), algorithm, new JsonObject
        {
            ["kty"] = "RSA",
            ["n"] = Base64UrlEncoder.Encode(parameters.Modulus),
            ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
        }, keyId);
    }

    /// <summary>Signs with an elliptic curve.</summary>
    public static TokenIssuer Ec(string algorithm = "ES256", string? keyId = "ec-1")
    {
        var (curve, name) = algorithm switch
        {
            "ES256" => (ECCurve.NamedCurves.nistP256, "P-256"),
            "ES384" => (ECCurve.NamedCurves.nistP384, "P-384"),
            _ => (ECCurve.NamedCurves.nistP521, "P-521"),
        };
        var key = ECDsa.Create(curve);
        var point = key.ExportParameters(false).Q;
        return new(new ECDsaSecurityKey(key), algorithm, new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = name,
            ["x"] = Base64UrlEncoder.Encode(point.X),
            ["y"] = Base64UrlEncoder.Encode(point.Y),
        }, keyId);
    }

    /// <summary>Signs with a shared secret.</summary>
    public static TokenIssuer Hmac(string algorithm = "HS256", int bytes = 64, string? keyId = "hmac-1")
    {
        var secret = RandomNumberGenerator.GetBytes(bytes);
        var key = new JsonObject { ["kty"] = "oct", ["k"] = Base64UrlEncoder.Encode(secret) };
        return new(new SymmetricSecurityKey(secret), algorithm, key, keyId);
    }

    /// <summary>The public key.</summary>
    public JsonObject PublicKey => (JsonObject)_publicKey.DeepClone();

    /// <summary>The key set with this key.</summary>
    public string KeySet => Set(PublicKey);

    public static string Set(params JsonNode[] keys) => new JsonObject { ["keys"] = new JsonArray(keys) }.ToJsonString();

    /// <summary>A token with these claims.</summary>
    public string Sign(string claims)
    {
        // Tests run at the same time, and a key of .NET is for one thread at a time.
        lock (Gate)
        {
            return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(claims, _credentials);
        }
    }

    /// <summary>A good token of an issuer.</summary>
    public string Token(string issuer = Name, string subject = "me", string? more = null) =>
        Sign($"{{\"iss\":{JsonSerializer.Serialize(issuer)},\"sub\":\"{subject}\"{(more is null ? "" : "," + more)}}}");
}
