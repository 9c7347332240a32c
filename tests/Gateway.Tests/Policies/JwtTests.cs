using System.Text.Json.Nodes;
using Gateway.Policies;
using Gateway.Policies.Jwt;
using Gateway.Requests;
using static Gateway.Tests.Policies.JwtDocuments;

namespace Gateway.Tests.Policies;

/// <summary>RequestAuthentication: which tokens are accepted, and what a request is afterwards.</summary>
public sealed class JwtTests : IDisposable
{
    private readonly PolicyMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    private LocalReply? Evaluate(RequestHead request, params string[] rules) =>
        PolicyMesh.Evaluate(_mesh.Chain(Authentication(rules)), request);

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
        Assert.NotNull(PolicyMesh.Evaluate(
            _mesh.Chain(PolicyMesh.Authorization("{rules: [{from: [{source: {requestPrincipals: ['*']}}]}]}")), request));
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
        var claims = string.Join(',',
            new[] { expires is null ? null : $"\"exp\":{Now + expires}", notBefore is null ? null : $"\"nbf\":{Now + notBefore}" }
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
        Assert.Equal(new("WWW-Authenticate", "Bearer realm=\"http://ping.example/a/b?c=d\", error=\"invalid_token\""),
            Assert.Single(reply.Headers));
        Assert.Equal("jwt_authn_access_denied{Jwt_is_not_in_the_form_of_Header.Payload.Signature_with_two_dots_and_3_sections}",
            reply.Details);

        var rewritten = Bearer("nonsense", "/" + new string('x', 300));
        Assert.EndsWith($"/{new string('x', 255)}\", error=\"invalid_token\"", Evaluate(rewritten, Rule())!.Headers[0].Value,
            StringComparison.Ordinal);
        rewritten.Headers["x-envoy-original-path"] = "/before";
        Assert.StartsWith("Bearer realm=\"http://ping/before\"", Evaluate(rewritten, Rule())!.Headers[0].Value, StringComparison.Ordinal);
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
    public void A_preflight_request_needs_no_token()
    {
        var request = PolicyMesh.Request("OPTIONS",
            headers: "origin: https://a.example\naccess-control-request-method: PUT\nAuthorization: Bearer nonsense");
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
        var authentication = Authentication(Rule())
            .Replace("name: tokens", "name: tokens, namespace: istio-system", StringComparison.Ordinal);
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
