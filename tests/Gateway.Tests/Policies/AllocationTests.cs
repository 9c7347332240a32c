using Gateway.Policies;
using Gateway.Policies.Faults;
using Gateway.Tests.Support;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Tests.Policies;

/// <summary>Filters that let a request pass allocate nothing.</summary>
public sealed class AllocationTests
{
    private static readonly TokenIssuer Issuer = TokenIssuer.Ec();

    private static readonly string Everything = PolicyMesh.Join(
        $$"""
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: { name: tokens, namespace: istio-system }
        spec: { jwtRules: [{issuer: '{{TokenIssuer.Name}}', audiences: ['https://ping'], jwks: '{{Issuer.KeySet}}', forwardOriginalToken: true}] }

        """,
        PolicyMesh.Authorization("{action: DENY, rules: [{to: [{operation: {paths: ['/admin*', '/{*}/secret']}}]}]}", "deny",
            "istio-system"),
        PolicyMesh.Authorization(
            "{rules: [{from: [{source: {requestPrincipals: ['https://issuer.example/*'], ipBlocks: [127.0.0.0/8], notRemoteIpBlocks: [10.0.0.0/8]}}], "
            + "to: [{operation: {methods: [POST, GET], hosts: ['PING*'], ports: ['8080']}}], "
            + "when: [{key: 'request.auth.claims[groups]', values: [user, admin]}, {key: 'request.headers[x-user]', values: ['m*']}]}]}",
            "allow", "istio-system"),
        $$"""
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: { name: limit, namespace: istio-system }
        spec:
          configPatches:
          - applyTo: HTTP_FILTER
            match: { context: GATEWAY }
            patch:
              operation: INSERT_BEFORE
              value:
                name: {{LocalRateLimit.FilterName}}
                typed_config:
                  '@type': {{LocalRateLimit.TypeUrl}}
                  stat_prefix: x
                  token_bucket: { max_tokens: 1000000, fill_interval: 1s }
                  filter_enabled: { default_value: { numerator: 100 } }
                  filter_enforced: { default_value: { numerator: 100 } }

        """);

    private static RouteScope Route()
    {
        var (document, service) = ResourceReader.ReadText(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ping}\nspec: {hosts: [ping], http: [{"
            + "fault: {abort: {httpStatus: 500, percentage: {value: 0.0001}}}, corsPolicy: {allowOrigins: [{prefix: 'https://a'}]}}]}\n",
            "mesh.yaml").OfType<VirtualService>().Single();
        return new RouteScope("ping", "",
            FaultPolicy.Compile(service.Spec.Http[0].Fault, document, "", []),
            Gateway.Policies.Cors.CorsPolicy.Compile(service.Spec.Http[0].CorsPolicy, document, "", []));
    }

    [Fact]
    public void A_request_that_passes_everything_costs_no_memory()
    {
        using var mesh = new PolicyMesh();
        var chain = mesh.Chain(Everything, PolicyMesh.Gateway);
        Assert.Equal(["RateLimitFilter", "JwtFilter", "RbacFilter", "RbacFilter", "FaultFilter", "CorsFilter"],
            chain.Filters.Select(filter => filter.GetType().Name));
        var request = PolicyMesh.Request(authority: "ping.example", path: "/api/v1/ping?x=1",
            headers: $"Authorization: Bearer {Issuer.Token(more: "\"aud\":\"ping\",\"groups\":[\"x\",\"admin\"]")}\nx-user: me\norigin: https://a.example");
        var context = new PolicyContext(request);
        var route = Route();
        Assert.Equal(0, Allocations.Of(() =>
        {
            context.Route = route;
            Assert.Null(PolicyMesh.Evaluate(chain, context));
            context.Reset();
        }));
        Assert.NotNull(request.Claims);
    }

    [Fact]
    public void A_refusal_by_a_policy_costs_no_memory()
    {
        using var mesh = new PolicyMesh();
        var chain = mesh.Chain(PolicyMesh.Authorization("{action: DENY, rules: [{to: [{operation: {paths: ['/{**}/secret']}}]}]}"));
        var context = new PolicyContext(PolicyMesh.Request(path: "/a/secret"));
        Assert.Equal(0, Allocations.Of(() => Assert.NotNull(PolicyMesh.Evaluate(chain, context))));
    }
}
