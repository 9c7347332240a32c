using Gateway.Policies;
using Gateway.Policies.Cors;
using Gateway.Requests;
using Istio.Documents;
using Istio.Networking;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Policies;

/// <summary>Envoy's CORS filter with the policies of VirtualServices.</summary>
public sealed class CorsTests
{
    private const string Preflight = "origin: https://a.example\naccess-control-request-method: PUT\naccess-control-request-headers: x-a,x-b";

    private static Gateway.Policies.Cors.CorsPolicy? Compile(string policy, List<Finding>? findings = null)
    {
        var (document, service) = ResourceReader.ReadText(
            $"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: ping}}\nspec: {{hosts: [ping], http: [{{corsPolicy: {policy}}}]}}\n",
            "mesh.yaml").OfType<VirtualService>().Single();
        return Gateway.Policies.Cors.CorsPolicy.Compile(service.Spec.Http[0].CorsPolicy, document, "spec.http[0].corsPolicy", findings ?? []);
    }

    private static (LocalReply? Reply, string Headers) Run(string policy, string method, string headers)
    {
        using var mesh = new PolicyMesh();
        var context = new PolicyContext(PolicyMesh.Request(method, headers: headers))
        {
            Route = new RouteScope("ping", "", null, Compile(policy)),
        };
        var reply = PolicyMesh.Evaluate(mesh.Chain("", PolicyMesh.Gateway), context);
        var response = new HeaderDictionary();
        foreach (var (name, value) in reply?.Headers ?? [])
        {
            response.Append(name, value);
        }

        context.AddResponseHeaders(response);
        return (reply, string.Join('\n', response.Select(header => $"{header.Key.ToLowerInvariant()}: {header.Value}").Order()));
    }

    [Theory]
    [InlineData("{exact: https://a.example}", "https://a.example", true)]
    [InlineData("{exact: https://a.example}", "https://A.example", false)]
    [InlineData("{exact: https://a.example}", "https://a.example:443", false)]
    [InlineData("{prefix: https://a}", "https://a.example", true)]
    [InlineData("{prefix: https://a}", "http://a.example", false)]
    [InlineData(@"{regex: 'https://[a-z]+\.example'}", "https://a.example", true)]
    // The whole origin must match.
    [InlineData(@"{regex: 'https://[a-z]+\.example'}", "https://a.example.org", false)]
    [InlineData("{exact: '*'}", "https://any.example", true)]
    [InlineData("{prefix: ''}", "null", true)]
    // Any matcher that takes an asterisk takes everything.
    [InlineData("{regex: '[*]'}", "https://any.example", true)]
    [InlineData("{}", "https://a.example", false)]
    public void Origins_match_exactly_by_prefix_or_by_pattern(string origin, string sent, bool isAllowed) =>
        Assert.Equal(isAllowed ? $"access-control-allow-origin: {sent}" : "", Run($"{{allowOrigins: [{origin}]}}", "GET", $"origin: {sent}").Headers);

    [Fact]
    public void The_deprecated_list_counts_without_the_other()
    {
        Assert.NotEqual("", Run("{allowOrigin: [https://a.example]}", "GET", "origin: https://a.example").Headers);
        Assert.Equal("", Run("{allowOrigin: [https://a.example], allowOrigins: []}", "GET", "origin: https://a.example").Headers);
    }

    [Fact]
    public void A_preflight_request_is_answered()
    {
        var (reply, headers) = Run(
            "{allowOrigins: [{exact: https://a.example}], allowMethods: [GET, PUT], allowHeaders: [x-a, x-b], exposeHeaders: [x-c, x-d], "
            + "maxAge: 90m, allowCredentials: true}", "OPTIONS", Preflight);
        Assert.Equal((200, "", "cors_response"), (reply!.Status, reply.Body, reply.Details));
        Assert.Equal(
            "access-control-allow-credentials: true\naccess-control-allow-headers: x-a,x-b\naccess-control-allow-methods: GET,PUT\n"
            + "access-control-allow-origin: https://a.example\naccess-control-expose-headers: x-c,x-d\naccess-control-max-age: 5400", headers);
    }

    [Fact]
    public void An_asterisk_gives_back_what_was_asked_for() => Assert.Equal(
        "access-control-allow-headers: x-a,x-b\naccess-control-allow-methods: PUT\naccess-control-allow-origin: https://a.example",
        Run("{allowOrigins: [{exact: '*'}], allowMethods: ['*'], allowHeaders: ['*']}", "OPTIONS", Preflight).Headers);

    [Theory]
    [InlineData("1s", "1")]
    [InlineData("1999ms", "1")]
    [InlineData("10ms", "0")]
    [InlineData("24h", "86400")]
    public void The_age_is_in_whole_seconds(string age, string seconds) => Assert.Contains(
        $"access-control-max-age: {seconds}", Run($"{{allowOrigins: [{{exact: '*'}}], maxAge: {age}}}", "OPTIONS", Preflight).Headers, StringComparison.Ordinal);

    [Theory]
    [InlineData("{allowOrigins: [{exact: https://b.example}], allowMethods: [PUT]}")]
    [InlineData("{allowOrigins: [{exact: https://b.example}], allowMethods: [PUT], unmatchedPreflights: FORWARD}")]
    [InlineData("{allowOrigins: [{exact: https://b.example}], allowMethods: [PUT], unmatchedPreflights: UNSPECIFIED}")]
    public void A_preflight_of_another_origin_goes_to_the_service(string policy) => Assert.Equal((null, ""), Run(policy, "OPTIONS", Preflight));

    [Fact]
    public void Or_is_answered_without_the_origin_when_so_configured()
    {
        var (reply, headers) = Run("{allowOrigins: [{exact: https://b.example}], allowMethods: [PUT], unmatchedPreflights: IGNORE}", "OPTIONS", Preflight);
        Assert.Equal(200, reply!.Status);
        Assert.Equal("access-control-allow-methods: PUT", headers);
    }

    [Theory]
    [InlineData("GET", Preflight)]
    [InlineData("OPTIONS", "origin: https://a.example")]
    [InlineData("OPTIONS", "access-control-request-method: PUT")]
    public void Any_other_request_goes_to_the_service(string method, string headers) =>
        Assert.Null(Run("{allowOrigins: [{exact: '*'}]}", method, headers).Reply);

    [Fact]
    public void Without_origin_a_response_is_not_marked() => Assert.Equal("", Run("{allowOrigins: [{exact: '*'}], allowCredentials: true}", "GET", "x: y").Headers);

    [Fact]
    public void A_header_of_the_service_is_replaced()
    {
        var response = new HeaderDictionary { ["Access-Control-Allow-Origin"] = "*" };
        Compile("{allowOrigins: [{exact: '*'}]}")!.AddResponseHeaders("https://a.example", response);
        Assert.Equal("https://a.example", response["Access-Control-Allow-Origin"]);
    }

    [Fact]
    public void A_pattern_that_is_none_is_an_error_with_its_place()
    {
        var findings = new List<Finding>();
        Compile("{allowOrigins: [{exact: a}, {regex: 'a('}]}", findings);
        Assert.Equal(("GWY030", "spec.http[0].corsPolicy.allowOrigins[1].regex"), (Assert.Single(findings).Code, findings[0].Field));
    }

    [Fact]
    public void A_workload_answers_no_preflight() // The policy is the route's, and routes are the caller's.
    {
        using var mesh = new PolicyMesh();
        Assert.Empty(mesh.Chain("").Filters);
    }
}
