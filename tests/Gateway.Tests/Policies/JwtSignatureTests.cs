using System.Text;
using System.Text.Json.Nodes;
using Gateway.Policies;
using Gateway.Policies.Jwt;
using Gateway.Requests;
using Microsoft.IdentityModel.Tokens;
using static Gateway.Tests.Policies.JwtDocuments;

namespace Gateway.Tests.Policies;

/// <summary>RequestAuthentication: how tokens are read and verified, and with which keys.</summary>
public sealed class JwtSignatureTests : IDisposable
{
    private readonly PolicyMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    private LocalReply? Evaluate(RequestHead request, params string[] rules) =>
        PolicyMesh.Evaluate(_mesh.Chain(Authentication(rules)), request);

    public static TheoryData<string, string> Algorithms =>
        new(from algorithm in (string[])["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384",
            "HS512"]
            from kid in (string[])["key", ""]
            select (algorithm, kid));

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Signatures_are_verified(string algorithm, string keyId)
    {
        var kid = keyId.Length == 0 ? null : keyId;
        TokenIssuer Make(bool other) => algorithm[..2] switch
        {
            "ES" => TokenIssuer.Ec(algorithm, kid),
            "HS" => TokenIssuer.Hmac(algorithm, keyId: kid),
            _ => TokenIssuer.Rsa(algorithm, kid, other),
        };
        var (mine, theirs) = (Make(other: false), Make(other: true));
        Assert.Null(Evaluate(Bearer(mine.Token()), Rule(keys: mine.KeySet)));
        Assert.Null(Evaluate(Bearer(mine.Token()), Rule(keys: TokenIssuer.Set(theirs.PublicKey, mine.PublicKey))));
        Assert.Equal(JwtStatus.VerificationFails, Evaluate(Bearer(theirs.Token()), Rule(keys: mine.KeySet))!.Body);

        var token = mine.Token();
        var changed = token[..^8] + (token[^8] == 'A' ? 'B' : 'A') + token[^7..];
        Assert.Equal(JwtStatus.VerificationFails, Evaluate(Bearer(changed), Rule(keys: mine.KeySet))!.Body);
    }

    [Fact]
    public void A_secret_may_be_as_short_as_Envoy_takes_it()
    {
        const string Claims = "{\"iss\":\"https://issuer.example\",\"sub\":\"me\"}";
        var text = $"{Base64UrlEncoder.Encode("{\"alg\":\"HS256\"}")}.{Base64UrlEncoder.Encode(Claims)}";
        var hash = System.Security.Cryptography.HMACSHA256.HashData("secret"u8, Encoding.ASCII.GetBytes(text));
        var keys = TokenIssuer.Set(new JsonObject { ["kty"] = "oct", ["k"] = Base64UrlEncoder.Encode("secret") });
        Assert.Null(Evaluate(Bearer($"{text}.{Base64UrlEncoder.Encode(hash)}"), Rule(keys: keys)));
    }

    [Fact]
    public void A_public_key_is_no_secret() // The classic confusion of RS256 and HS256.
    {
        var key = Issuer.PublicKey;
        var text = $"{Base64UrlEncoder.Encode("{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}")}.{Base64UrlEncoder.Encode("{\"iss\":\"https://issuer.example\"}")}";
        var hash = System.Security.Cryptography.HMACSHA256.HashData(Base64UrlEncoder.DecodeBytes((string)key["n"]!),
            Encoding.ASCII.GetBytes(text));
        Assert.Equal(JwtStatus.VerificationFails, Evaluate(Bearer($"{text}.{Base64UrlEncoder.Encode(hash)}"), Rule())!.Body);
    }

    [Theory]
    [InlineData("rsa-1", null, null)]
    [InlineData("rsa-2", null, JwtStatus.KidAlgMismatch)]
    [InlineData("rsa-1", "RS256", null)]
    [InlineData("rsa-1", "RS512", JwtStatus.KidAlgMismatch)]
    [InlineData("", null, null)]
    public void Only_keys_with_the_tokens_kid_and_alg_are_tried(string keyId, string? algorithm, string? status)
    {
        var key = Issuer.PublicKey;
        key["kid"] = keyId;
        if (algorithm is not null)
        {
            key["alg"] = algorithm;
        }

        Assert.Equal(status, Evaluate(Bearer(Issuer.Token()), Rule(keys: TokenIssuer.Set(key)))?.Body);
    }

    [Theory]
    [InlineData("nonsense", JwtStatus.BadFormat)]
    [InlineData("a.b", JwtStatus.BadFormat)]
    [InlineData("a.b.c.d", JwtStatus.BadFormat)]
    [InlineData("a*.e30.eA", JwtStatus.HeaderBadBase64)]
    [InlineData("bm9uc2Vuc2U.e30.eA", JwtStatus.HeaderBadJson)]
    [InlineData("[].{}.x", JwtStatus.HeaderBadJson)]
    [InlineData("{}.{}.x", JwtStatus.HeaderBadAlg)]
    [InlineData("{'alg':1}.{}.x", JwtStatus.HeaderBadAlg)]
    [InlineData("{'alg':'none'}.{}.x", JwtStatus.HeaderNotImplementedAlg)]
    [InlineData("{'alg':'rs256'}.{}.x", JwtStatus.HeaderNotImplementedAlg)]
    [InlineData("{'alg':'RS256','kid':1}.{}.x", JwtStatus.HeaderBadKid)]
    [InlineData("{'alg':'RS256'}.bm9uc2Vuc2U.eA", JwtStatus.PayloadBadJson)]
    [InlineData("{'alg':'RS256'}.*.eA", JwtStatus.PayloadBadBase64)]
    [InlineData("{'alg':'RS256'}.{'iss':1}.x", "Jwt payload [iss] field is not a string")]
    [InlineData("{'alg':'RS256'}.{'sub':[]}.x", "Jwt payload [sub] field is not a string")]
    [InlineData("{'alg':'RS256'}.{'iat':'1'}.x", "Jwt payload [iat] field is not an integer")]
    [InlineData("{'alg':'RS256'}.{'nbf':true}.x", "Jwt payload [nbf] field is not an integer")]
    [InlineData("{'alg':'RS256'}.{'exp':-1}.x", "Jwt payload [exp] field is not a positive 64 bit integer")]
    [InlineData("{'alg':'RS256'}.{'exp':1e30}.x", "Jwt payload [exp] field is not a positive 64 bit integer")]
    [InlineData("{'alg':'RS256'}.{'jti':1}.x", "Jwt payload [jti] field is not a string")]
    [InlineData("{'alg':'RS256'}.{'aud':1}.x", JwtStatus.AudienceNotString)]
    [InlineData("{'alg':'RS256'}.{'aud':['a',1]}.x", JwtStatus.AudienceNotString)]
    [InlineData("{'alg':'RS256'}.{}.*", JwtStatus.SignatureBadBase64)]
    [InlineData("{'alg':'RS256'}.{}.x", JwtStatus.UnknownIssuer)]
    [InlineData("{'alg':'RS256','kid':'rsa-1'}.{'iss':'https://issuer.example'}.x", JwtStatus.VerificationFails)]
    [InlineData("{'alg':'EdDSA','kid':'rsa-1'}.{'iss':'https://issuer.example'}.x", JwtStatus.VerificationFails)]
    public void A_bad_token_is_told_what_is_wrong_with_it(string token, string status)
    {
        // Sections in JSON are encoded here, so that the table can be read.
        var text = string.Join('.', !token.Split('.').Any(section => section.StartsWith('{')) && !token.StartsWith('[')
            ? token.Split('.')
            : Sections(token)
                .Select(section => section.Length > 0 && section[0] is '{' or '[' ? Base64UrlEncoder.Encode(section.Replace('\'', '"'))
                : section == "x" ? "eA" : section));
        var reply = Evaluate(Bearer(text), Rule());
        Assert.Equal((401, status), (reply!.Status, reply.Body));
    }

    /// <summary>Splits at the dots outside of JSON.</summary>
    private static IEnumerable<string> Sections(string token)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i < token.Length; i++)
        {
            depth += token[i] is '{' or '[' ? 1 : token[i] is '}' or ']' ? -1 : 0;
            if (token[i] == '.' && depth == 0)
            {
                yield return token[start..i];
                start = i + 1;
            }
        }

        yield return token[start..];
    }

    [Theory]
    [InlineData("no json", "no JSON")]
    [InlineData("{}", "keys")]
    [InlineData("{\"keys\":[]}", "empty")]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"Ag\"}]}", "65537")]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\",\"alg\":\"ES256\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", "RS or PS")]
    [InlineData("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES384\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}", "do not fit")]
    [InlineData("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}", "no point")]
    [InlineData("{\"keys\":[{\"kty\":\"oct\",\"k\":\"\"}]}", "base64url")]
    [InlineData("{\"keys\":[{\"kty\":\"x\"}]}", "kty")]
    public void A_key_set_without_keys_refuses_all_and_says_why(string keys, string reason)
    {
        Assert.Equal(JwtStatus.NoValidKeys, Evaluate(Bearer(Issuer.Token()), Rule(keys: keys))!.Body);
        Assert.Equal("GWY036", Assert.Single(_mesh.Findings).Code);
        Assert.Contains(reason, _mesh.Findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_cannot_be_used_leaves_the_others()
    {
        var keys = TokenIssuer.Set(new JsonObject { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = "AAAA" }, Issuer.PublicKey);
        Assert.Null(Evaluate(Bearer(Issuer.Token()), Rule(keys: keys)));
        Assert.Contains("EdDSA", Assert.Single(_mesh.Findings).Message, StringComparison.Ordinal);
    }
}
