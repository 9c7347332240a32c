using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Policies.Jwt;

/// <summary>One public key, or the secret that is shared for HMAC.</summary>
/// <remarks>Envoy source/common/jwt/jwks.cc</remarks>
internal sealed class JsonWebKey
{
    // Verifiers are kept by the key, not in a cache that all keys of the process share.
    private static readonly CryptoProviderFactory Factory = new() { CacheSignatureProviders = false };

    private readonly Func<ParsedToken, bool>? _verify;

    internal JsonWebKey(string id, string algorithm, Func<ParsedToken, bool>? verify) => (Id, Algorithm, _verify) = (id, algorithm, verify);

    /// <summary><c>kid</c>; empty when the key has none.</summary>
    public string Id { get; }

    /// <summary><c>alg</c>; empty when the key is for any algorithm of its kind.</summary>
    public string Algorithm { get; }

    /// <summary>Reads a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fault">What is wrong with it, or null.</param>
    /// <returns>The key, or null when Envoy leaves it out.</returns>
    public static JsonWebKey? Parse(JsonElement key, out string? fault)
    {
        var id = Text(key, "kid") ?? "";
        var algorithm = Text(key, "alg") ?? "";
        fault = null;
        switch (Text(key, "kty"))
        {
            case "RSA":
                return ParseRsa(key, id, algorithm, ref fault);
            case "EC":
                return ParseEc(key, id, algorithm, ref fault);
            case "oct":
                return ParseSecret(key, id, algorithm, ref fault);
            case "OKP":
                fault = "the gateway cannot verify EdDSA, which .NET does not have; tokens signed with this key are refused";
                return new JsonWebKey(id, algorithm, null);
            default:
                fault = "kty is none of RSA, EC, oct and OKP";
                return null;
        }
    }

    /// <summary>Whether the key has signed the token.</summary>
    public bool Verify(ParsedToken token) => _verify?.Invoke(token) == true;

    private static JsonWebKey? ParseRsa(JsonElement key, string id, string algorithm, ref string? fault)
    {
        var (modulus, exponent) = (JsonWebKeys.Decode(key, "n"), JsonWebKeys.Decode(key, "e"));
        fault = algorithm.Length > 0 && !(algorithm.StartsWith("RS", StringComparison.Ordinal)
            || algorithm.StartsWith("PS", StringComparison.Ordinal)) ? "alg of an RSA key begins with RS or PS"
            : modulus is null || exponent is null ? "n and e of an RSA key are base64url"
            : !exponent.AsSpan().TrimStart((byte)0).SequenceEqual((ReadOnlySpan<byte>)[1, 0, 1])
                && !exponent.AsSpan().TrimStart((byte)0).SequenceEqual((ReadOnlySpan<byte>)[3]) ? "e of an RSA key is 3 or 65537"
            : null;
        return fault is null
            ? Asymmetric(id, algorithm, new RsaSecurityKey(new RSAParameters { Modulus = modulus, Exponent = exponent }),
                ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], ref fault)
            : null;
    }

    private static JsonWebKey? ParseEc(JsonElement key, string id, string algorithm, ref string? fault)
    {
        // Without alg and crv it is P-256; when there are both they must fit.
        var curve = Text(key, "crv") ?? "";
        var (name, size, implied) = (algorithm, curve) switch
        {
            ("ES256", "" or "P-256") or ("", "" or "P-256") => (ECCurve.NamedCurves.nistP256, 32, "ES256"),
            ("ES384", "" or "P-384") or ("", "P-384") => (ECCurve.NamedCurves.nistP384, 48, "ES384"),
            ("ES512", "" or "P-521") or ("", "P-521") => (ECCurve.NamedCurves.nistP521, 66, "ES512"),
            _ => (default, 0, ""),
        };
        var (x, y) = (Padded(JsonWebKeys.Decode(key, "x"), size), Padded(JsonWebKeys.Decode(key, "y"), size));
        if (size == 0 || x is null || y is null)
        {
            fault = size == 0 ? "crv and alg of an EC key do not fit, or are not known" : "x and y of an EC key are base64url";
            return null;
        }

        try
        {
            var ec = ECDsa.Create(new ECParameters { Curve = name, Q = new ECPoint { X = x, Y = y } });
            return Asymmetric(id, algorithm, new ECDsaSecurityKey(ec), [implied], ref fault);
        }
        catch (CryptographicException)
        {
            fault = "x and y of an EC key are no point of its curve";
            return null;
        }
    }

    /// <summary>HMAC by .NET itself: the library refuses secrets shorter than the hash, which Envoy takes.</summary>
    private static JsonWebKey? ParseSecret(JsonElement key, string id, string algorithm, ref string? fault)
    {
        if (JsonWebKeys.Decode(key, "k") is not { Length: > 0 } secret || algorithm is not ("" or "HS256" or "HS384" or "HS512"))
        {
            fault = "k of an oct key is base64url and its alg is HS256, HS384 or HS512";
            return null;
        }

        return new JsonWebKey(id, algorithm, token => VerifyHash(secret, token));
    }

    private static bool VerifyHash(byte[] secret, ParsedToken token)
    {
        Span<byte> hash = stackalloc byte[HMACSHA512.HashSizeInBytes];
        var length = token.Algorithm switch
        {
            "HS384" => HMACSHA384.HashData(secret, token.SignedBytes, hash),
            "HS512" => HMACSHA512.HashData(secret, token.SignedBytes, hash),
            "HS256" => HMACSHA256.HashData(secret, token.SignedBytes, hash),
            _ => 0,
        };
        return length > 0 && CryptographicOperations.FixedTimeEquals(hash[..length], token.Signature);
    }

    private static JsonWebKey? Asymmetric(string id, string algorithm, SecurityKey key, string[] algorithms, ref string? fault)
    {
        var verifiers = new Dictionary<string, SignatureProvider>(StringComparer.Ordinal);
        try
        {
            foreach (var name in algorithms.Where(name => algorithm.Length == 0 || name == algorithm))
            {
                verifiers.Add(name, Factory.CreateForVerifying(key, name));
            }
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or NotSupportedException
            or InvalidOperationException)
        {
            fault = $"the key is invalid: {exception.Message}";
            return null;
        }

        return new JsonWebKey(id, algorithm, token => verifiers.TryGetValue(token.Algorithm, out var verifier)
            && token.Signature.Length > 0 && Verify(verifier, token));
    }

    private static bool Verify(SignatureProvider verifier, ParsedToken token)
    {
        try
        {
            return verifier.Verify(token.SignedBytes, token.Signature);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // A signature of the wrong length for the key.
            return false;
        }
    }

    private static string? Text(JsonElement key, string member) =>
        key.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Coordinates have leading zeros here; in a key set they may lack them.</summary>
    private static byte[]? Padded(byte[]? coordinate, int size)
    {
        if (coordinate is null || coordinate.Length == size)
        {
            return coordinate;
        }

        var significant = coordinate.AsSpan().TrimStart((byte)0);
        if (significant.Length > size)
        {
            return null;
        }

        var padded = new byte[size];
        significant.CopyTo(padded.AsSpan(size - significant.Length));
        return padded;
    }
}
