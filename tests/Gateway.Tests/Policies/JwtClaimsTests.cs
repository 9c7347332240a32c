using System.Text.Json.Nodes;
using Gateway.Policies;
using Gateway.Requests;
using static Gateway.Tests.Policies.JwtDocuments;

namespace Gateway.Tests.Policies;

/// <summary>RequestAuthentication: where tokens are found, and what is passed on of them.</summary>
public sealed class JwtClaimsTests : IDisposable
{
    private readonly PolicyMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    private LocalReply? Evaluate(RequestHead request, params string[] rules) =>
        PolicyMesh.Evaluate(_mesh.Chain(Authentication(rules)), request);

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
        var request = PolicyMesh.Request(path: path.Replace("{t}", token, StringComparison.Ordinal),
            headers: headers.Replace("{t}", token, StringComparison.Ordinal));
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
    public void Verified_claims_are_passed_on_in_headers()
    {
        var token = Issuer.Token(
            more: "\"n\":7,\"f\":1.5,\"neg\":-2,\"ok\":true,\"no\":null,\"empty\":\"\",\"realm\":{\"id\":\"r\"},\"list\":[1,\"a\"]");
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
            new JsonObject(request.Claims!.Where(claim => claim.Key is not ("iss" or "sub"))
                .Select(claim => KeyValuePair.Create(claim.Key, claim.Value?.DeepClone())))
            .ToJsonString());
    }
}
