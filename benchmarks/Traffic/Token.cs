using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Benchmarks.Traffic;

/// <summary>A token that this benchmark signs with a key of its own (RS256, RFC 7515), and the key set that verifies it (RFC 7517).</summary>
internal static class Token
{
    /// <summary>Who has signed it.</summary>
    public const string Issuer = "https://benchmark.example";

    private const string KeyId = "benchmark";

    private static readonly RSA Key = RSA.Create(2048);

    /// <summary>The public key, as a JSON Web Key Set.</summary>
    public static string Keys { get; } = WriteKeys();

    /// <summary>The token, valid for a day.</summary>
    public static string Signed { get; } = Sign();

    private static string WriteKeys()
    {
        var key = Key.ExportParameters(includePrivateParameters: false);
        return JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "RSA", alg = "RS256", kid = KeyId, n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } },
        });
    }

    private static string Sign()
    {
        var content = $"{Encode(new { alg = "RS256", typ = "JWT", kid = KeyId })}." + Encode(new
        {
            iss = Issuer,
            sub = "benchmark",
            exp = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds(),
        });
        var signature = Key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
