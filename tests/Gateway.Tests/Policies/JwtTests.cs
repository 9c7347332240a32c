using System.Text;
using System.Text.Json.Nodes;
using Gateway.Policies;
using Gateway.Policies.Jwt;
using Gateway.Requests;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Tests.Policies;

/// <summary>RequestAuthentication: which tokens are accepted, where they are found, and what a request is afterwards.</summary>
public sealed class JwtTests : IDisposable
{
    private static readonly TokenIssuer Issuer = TokenIssuer.Rsa();
    private static readonly TokenIssuer Other = TokenIssuer.Ec();

    private readonly PolicyMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    private static string Authentication(params string[] rules) => $$"""
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: { name: tokens }
        spec: { jwtRules: [{{string.Join(", ", rules)}}] }

        """;

    private static string Rule(string more = "", string issuer = TokenIssuer.Name, string? keys = null) =>
        $"{{issuer: '{issuer}', jwks: '{keys ?? Issuer.KeySet}'{(more.Length == 0 ? "" : ", " + more)}}}";

    private LocalReply? Evaluate(RequestHead request, params string[] rules) => PolicyMesh.Evaluate(_mesh.Chain(Authentication(rules)), request);

    private static RequestHead Bearer(string token, string path = "/") => PolicyMesh.Request(path: path, headers: $"Authorization: Bearer {token}");

    private long Now => _mesh.Time.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public void A_good_token_passes_and_is_taken_out()
    {
        var request = Bearer(Issuer.Token(more: "\"groups\":[\"a\"]"));
        Assert.Null(Evaluate(request, Rule()));
        Assert.Equal("me", (string?)request.Claims!["sub"]);
        Assert.Equal("a", (string?)request.Claims["groups"]![0]);
        Assert.False(request.Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public void A_request_without_token_passes_and_has_no_claims()
    {
        var request = PolicyMesh.Request();
        request.Claims = new JsonObject { ["sub"] = "left over" };
        Assert.Null(Evaluate(request, Rule()));
        Assert.Null(request.Claims);
    }

    [Fact]
    public void What_another_proxy_has_verified_counts_for_nothing_where_no_token_is_asked_for()
    {
        var request = PolicyMesh.Request();
        request.Claims = new JsonObject { ["iss"] = "a", ["sub"] = "b" };
        Assert.NotNull(PolicyMesh.Evaluate(_mesh.Chain(PolicyMesh.Authorization("{rules: [{from: [{source: {requestPrincipals: ['*']}}]}]}")), request));
    }

    public static TheoryData<string, string> Algorithms =>
        new(from algorithm in (string[])["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384", "HS512"]
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
        var hash = System.Security.Cryptography.HMACSHA256.HashData(Base64UrlEncoder.DecodeBytes((string)key["n"]!), Encoding.ASCII.GetBytes(text));
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
            : Sections(token).Select(section => section.Length > 0 && section[0] is '{' or '[' ? Base64UrlEncoder.Encode(section.Replace('\'', '"'))
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
    [InlineData(-61, null, JwtStatus.Expired)]
    [InlineData(-60, null, null)]
    [InlineData(0, null, null)]
    [InlineData(null, 60, null)]
    [InlineData(null, 61, JwtStatus.NotYetValid)]
    [InlineData(1000, -1000, null)]
    public void The_clock_may_be_wrong_by_a_minute(int? expires, int? notBefore, string? status)
    {
        var claims = string.Join(',', new[] { expires is null ? null : $"\"exp\":{Now + expires}", notBefore is null ? null : $"\"nbf\":{Now + notBefore}" }
            .Where(claim => claim is not null));
        Assert.Equal(status, Evaluate(Bearer(Issuer.Token(more: claims)), Rule())?.Body);
    }

    [Fact]
    public void A_token_that_was_good_expires()
    {
        var token = Issuer.Token(more: $"\"exp\":{Now + 10}");
        var chain = _mesh.Chain(Authentication(Rule()));
        Assert.Null(PolicyMesh.Evaluate(chain, Bearer(token)));
        _mesh.Time.Advance(TimeSpan.FromSeconds(71));
        Assert.Equal(JwtStatus.Expired, PolicyMesh.Evaluate(chain, Bearer(token))!.Body);
    }

    [Theory]
    [InlineData("[a]", "\"aud\":\"a\"", true)]
    [InlineData("[a, b]", "\"aud\":[\"c\",\"b\"]", true)]
    [InlineData("[a]", "\"aud\":\"b\"", false)]
    [InlineData("[a]", "\"x\":1", false)]
    // The scheme and a slash at the end do not count.
    [InlineData("['https://a/']", "\"aud\":\"http://a\"", true)]
    [InlineData("[a]", "\"aud\":\"https://a/\"", true)]
    [InlineData("[]", "\"aud\":\"b\"", true)]
    public void A_wrong_audience_is_forbidden(string audiences, string claims, bool isAllowed)
    {
        var reply = Evaluate(Bearer(Issuer.Token(more: claims)), Rule($"audiences: {audiences}"));
        Assert.Equal(isAllowed ? null : "403 Audiences in Jwt are not allowed", reply is null ? null : $"{reply.Status} {reply.Body}");
    }

    [Fact]
    public void A_refusal_names_the_resource_and_the_error()
    {
        var request = Bearer("nonsense", "/a/b?c=d");
        request.Authority = "ping.example";
        var reply = Evaluate(request, Rule())!;
        Assert.Equal(new("WWW-Authenticate", "Bearer realm=\"http://ping.example/a/b?c=d\", error=\"invalid_token\""), Assert.Single(reply.Headers));
        Assert.Equal("jwt_authn_access_denied{Jwt_is_not_in_the_form_of_Header.Payload.Signature_with_two_dots_and_3_sections}", reply.Details);

        var rewritten = Bearer("nonsense", "/" + new string('x', 300));
        Assert.EndsWith($"/{new string('x', 255)}\", error=\"invalid_token\"", Evaluate(rewritten, Rule())!.Headers[0].Value, StringComparison.Ordinal);
        rewritten.Headers["x-envoy-original-path"] = "/before";
        Assert.StartsWith("Bearer realm=\"http://ping/before\"", Evaluate(rewritten, Rule())!.Headers[0].Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Authorization: Bearer {t}", "/", true)]
    [InlineData("", "Authorization: {t}", "/", false)]
    [InlineData("", "Authorization: bearer {t}", "/", false)]
    // The prefix may stand anywhere.
    [InlineData("", "Authorization: Basic x, Bearer {t}", "/", true)]
    [InlineData("", "Authorization: Bearer   {t}", "/", true)]
    [InlineData("", "", "/?access_token={t}", true)]
    [InlineData("", "", "/?a=b&access_token={t}&c=d", true)]
    [InlineData("", "", "/?Access_token={t}", false)]
    [InlineData("fromHeaders: [{name: X-Token}]", "x-token: {t}", "/", true)]
    [InlineData("fromHeaders: [{name: x-token, prefix: 'jwt '}]", "x-token: jwt {t}", "/", true)]
    [InlineData("fromHeaders: [{name: x-token, prefix: 'jwt '}]", "x-token: {t}", "/", false)]
    [InlineData("fromHeaders: [{name: x-token}]", "Authorization: Bearer {t}", "/", false)]
    [InlineData("fromParams: [token]", "", "/?token={t}", true)]
    [InlineData("fromParams: [token]", "", "/?access_token={t}", false)]
    [InlineData("fromCookies: [session]", "cookie: a=b; session={t}", "/", true)]
    [InlineData("fromCookies: [session]", "cookie: session=\"{t}\"; a=b", "/", true)]
    [InlineData("fromCookies: [session]", "cookie: xsession={t}", "/", false)]
    public void Tokens_are_found_where_the_rule_says(string rule, string headers, string path, bool isFound)
    {
        var token = Issuer.Token();
        var request = PolicyMesh.Request(path: path.Replace("{t}", token, StringComparison.Ordinal), headers: headers.Replace("{t}", token, StringComparison.Ordinal));
        Assert.Null(Evaluate(request, Rule(rule)));
        Assert.Equal(isFound, request.Claims is not null);
    }

    [Theory]
    [InlineData("/?access_token={t}", "")]
    // Envoy writes the rest anew.
    [InlineData("/?b=2&access_token={t}&a=1&a=0", "?a=1&a=0&b=2")]
    [InlineData("/?x&access_token={t}", "?x=")]
    [InlineData("/?x=%41%20%C3%A9&access_token={t}", "?x=A%20%C3%A9")]
    public void A_token_is_taken_out_of_the_query(string path, string query)
    {
        var request = PolicyMesh.Request(path: path.Replace("{t}", Issuer.Token(), StringComparison.Ordinal));
        Assert.Null(Evaluate(request, Rule()));
        Assert.Equal(query, request.Query);
    }

    [Fact]
    public void A_token_stays_where_it_is_to_be_forwarded()
    {
        var token = Issuer.Token();
        var request = Bearer(token, $"/?access_token={token}");
        Assert.Null(Evaluate(request, Rule("forwardOriginalToken: true")));
        Assert.Equal(($"Bearer {token}", $"?access_token={token}"), (request.Headers["Authorization"].ToString(), request.Query));
    }

    [Fact]
    public void All_tokens_of_a_request_must_be_good()
    {
        Assert.Null(Evaluate(Bearer(Issuer.Token(), $"/?access_token={Issuer.Token()}"), Rule()));
        Assert.Equal(JwtStatus.BadFormat, Evaluate(Bearer(Issuer.Token(), "/?access_token=nonsense"), Rule())!.Body);
        Assert.Equal(JwtStatus.BadFormat, Evaluate(Bearer("nonsense", $"/?access_token={Issuer.Token()}"), Rule())!.Body);
    }

    [Fact]
    public void Each_issuer_has_its_rule()
    {
        string[] rules = [Rule(), Rule("fromHeaders: [{name: x-other}]", "https://other.example", Other.KeySet)];
        var mine = Bearer(Issuer.Token());
        Assert.Null(Evaluate(mine, rules));
        Assert.Equal(TokenIssuer.Name, (string?)mine.Claims!["iss"]);

        var theirs = PolicyMesh.Request(headers: $"x-other: {Other.Token("https://other.example")}");
        Assert.Null(Evaluate(theirs, rules));
        Assert.Equal("https://other.example", (string?)theirs.Claims!["iss"]);

        // One at the other's location is from no issuer that may be there.
        Assert.Equal(JwtStatus.UnknownIssuer, Evaluate(PolicyMesh.Request(headers: $"x-other: {Issuer.Token()}"), rules)!.Body);
        Assert.Equal(JwtStatus.UnknownIssuer, Evaluate(Bearer(Other.Token("https://third.example")), rules)!.Body);
        Assert.Null(Evaluate(PolicyMesh.Request(), rules));
    }

    [Fact]
    public void Issuers_may_share_a_location()
    {
        string[] rules = [Rule(), Rule("", "https://other.example", Other.KeySet)];
        Assert.Null(Evaluate(Bearer(Issuer.Token()), rules));
        Assert.Null(Evaluate(Bearer(Other.Token("https://other.example")), rules));

        // The issuer's own reason is given, not that it is no other's token.
        Assert.Equal(JwtStatus.Expired, Evaluate(Bearer(Issuer.Token(more: "\"exp\":1")), rules)!.Body);
        Assert.Equal(JwtStatus.Expired, Evaluate(Bearer(Other.Token("https://other.example", more: "\"exp\":1")), rules)!.Body);
        Assert.Equal(JwtStatus.UnknownIssuer, Evaluate(Bearer(Issuer.Token("https://third.example")), rules)!.Body);
    }

    [Fact]
    public void A_good_token_of_one_issuer_lets_a_bad_one_of_another_pass_unread() // Envoy: any provider is enough.
    {
        var request = Bearer(Issuer.Token());
        request.Headers["x-other"] = "nonsense";
        Assert.Null(Evaluate(request, Rule(), Rule("fromHeaders: [{name: x-other}]", "https://other.example", Other.KeySet)));
        Assert.Equal("nonsense", request.Headers["x-other"]);
    }

    [Fact]
    public void Verified_claims_are_passed_on_in_headers()
    {
        var token = Issuer.Token(more: "\"n\":7,\"f\":1.5,\"neg\":-2,\"ok\":true,\"no\":null,\"empty\":\"\",\"realm\":{\"id\":\"r\"},\"list\":[1,\"a\"]");
        var request = Bearer(token);
        request.Headers["x-payload"] = "forged";
        request.Headers["x-none"] = "forged";
        string[] claims = ["n", "f", "neg", "ok", "no", "empty", "realm.id", "list", "realm", "none", "realm.none"];
        var outputs = string.Join(", ", claims.Select(claim => $"{{header: x-{claim.Replace('.', '-')}, claim: '{claim}'}}"));
        Assert.Null(Evaluate(request, Rule($"outputPayloadToHeader: x-payload, outputClaimToHeaders: [{outputs}]")));

        Assert.Equal(token.Split('.')[1], request.Headers["x-payload"]);
        var expected = new Dictionary<string, string>
        {
            ["x-n"] = "7",
            ["x-f"] = "1.500000",
            ["x-neg"] = "-2.000000",
            ["x-ok"] = "true",
            ["x-realm-id"] = "r",
            ["x-list"] = Convert.ToBase64String("[1,\"a\"]"u8),
            ["x-realm"] = Convert.ToBase64String("{\"id\":\"r\"}"u8),
        };
        Assert.Equal(expected.OrderBy(pair => pair.Key), request.Headers.Where(header => header.Key is not "x-payload")
            .ToDictionary(header => header.Key, header => header.Value.ToString()).OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Headers_for_claims_cannot_be_forged_without_a_token()
    {
        var request = PolicyMesh.Request(headers: "x-payload: forged\nx-sub: forged");
        Assert.Null(Evaluate(request, Rule("outputPayloadToHeader: x-payload, outputClaimToHeaders: [{header: x-sub, claim: sub}]")));
        Assert.Empty(request.Headers);
    }

    [Fact]
    public void Some_claims_are_lists_with_spaces()
    {
        var request = Bearer(Issuer.Token(more: "\"scope\":\"read  write\",\"permission\":\"x\",\"roles\":\"a b\",\"name\":\"A B\""));
        Assert.Null(Evaluate(request, Rule("spaceDelimitedClaims: [roles]")));
        Assert.Equal("""{"scope":["read","write"],"permission":["x"],"roles":["a","b"],"name":"A B"}""",
            new JsonObject(request.Claims!.Where(claim => claim.Key is not ("iss" or "sub")).Select(claim => KeyValuePair.Create(claim.Key, claim.Value?.DeepClone())))
            .ToJsonString());
    }

    [Fact]
    public void A_preflight_request_needs_no_token()
    {
        var request = PolicyMesh.Request("OPTIONS", headers: "origin: https://a.example\naccess-control-request-method: PUT\nAuthorization: Bearer nonsense");
        Assert.Null(Evaluate(request, Rule()));
    }

    [Fact]
    public void Authorization_sees_the_claims()
    {
        var chain = _mesh.Chain(PolicyMesh.Join(Authentication(Rule()),
            PolicyMesh.Authorization("{rules: [{from: [{source: {requestPrincipals: ['https://issuer.example/*']}}], when: [{key: 'request.auth.claims[scope]', values: [write]}]}]}")));
        Assert.Null(PolicyMesh.Evaluate(chain, Bearer(Issuer.Token(more: "\"scope\":\"read write\""))));
        Assert.Equal(403, PolicyMesh.Evaluate(chain, Bearer(Issuer.Token(more: "\"scope\":\"read\"")))!.Status);
        Assert.Equal(403, PolicyMesh.Evaluate(chain, PolicyMesh.Request())!.Status);
        Assert.Equal(401, PolicyMesh.Evaluate(chain, Bearer("nonsense"))!.Status);
    }

    [Fact]
    public void A_gateway_matches_the_route_again_because_routes_may_depend_on_claims()
    {
        var authentication = Authentication(Rule()).Replace("name: tokens", "name: tokens, namespace: istio-system", StringComparison.Ordinal);
        var matched = new List<string?>();
        var context = new PolicyContext(Bearer(Issuer.Token())) { MatchRoute = self => matched.Add((string?)self.Request.Claims!["sub"]) };
        var set = _mesh.Compile(authentication);
        Assert.Null(PolicyMesh.Evaluate(set.For(PolicyMesh.Gateway), context));
        Assert.Equal(["me"], matched);

        context = new PolicyContext(PolicyMesh.Request()) { MatchRoute = _ => matched.Add("") };
        Assert.Null(PolicyMesh.Evaluate(set.For(PolicyMesh.Gateway), context));
        context = new PolicyContext(Bearer(Issuer.Token())) { MatchRoute = _ => matched.Add("") };
        Assert.Null(PolicyMesh.Evaluate(set.For(PolicyMesh.Ping), context));
        Assert.Single(matched);
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

    [Fact]
    public void More_tokens_than_are_remembered_still_pass()
    {
        var secret = TokenIssuer.Hmac();
        var chain = _mesh.Chain(Authentication(Rule(keys: secret.KeySet)));
        for (var i = 0; i < JwtProvider.MaxRemembered + 5; i++)
        {
            Assert.Null(PolicyMesh.Evaluate(chain, Bearer(secret.Token(subject: $"user-{i}"))));
        }
    }
}
