using Istio.Security;
using Istio.Tests.Documents;

namespace Istio.Tests.Security;

public class SecurityExtensionsTests
{
    [Fact]
    public void Tokens_in_csharp_equal_those_in_yaml() =>
        SameDocument.Assert(
            RequestAuthentication.For("ping", ("app", "ping")).Jwt("https://a", "https://a/keys", audiences: ["ping"], forwardOriginalToken: true).Jwt("b", jwks: "{}"),
            """
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: {name: ping}
            spec:
              selector: {matchLabels: {app: ping}}
              jwtRules:
              - {issuer: https://a, jwksUri: https://a/keys, audiences: [ping], forwardOriginalToken: true}
              - {issuer: b, jwks: "{}"}
            """);

    [Fact]
    public void Allowing_in_csharp_equals_allowing_in_yaml() =>
        SameDocument.Assert(
            AuthorizationPolicy.Allow("ping", ("app", "ping"))
                .Rule(r => r.From(requestPrincipals: ["*"]).To(methods: ["GET"], paths: ["/ping"]).When("request.auth.claims[groups]", ["a"], ["b"]))
                .Rule(r => r.From(["cluster.local/ns/a/sa/b"], namespaces: ["a"], ipBlocks: ["10.0.0.0/8"], remoteIpBlocks: ["1.2.3.4"])
                    .To(hosts: ["ping.example"], ports: ["8080"]))
                .Rule(r => r.From(new Source { NotNamespaces = ["c"] }).To(new Operation { NotPaths = ["/admin*"] })),
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: ping}
            spec:
              selector: {matchLabels: {app: ping}}
              action: ALLOW
              rules:
              - from: [{source: {requestPrincipals: ["*"]}}]
                to: [{operation: {methods: [GET], paths: [/ping]}}]
                when: [{key: "request.auth.claims[groups]", values: [a], notValues: [b]}]
              - from: [{source: {principals: [cluster.local/ns/a/sa/b], namespaces: [a], ipBlocks: [10.0.0.0/8], remoteIpBlocks: [1.2.3.4]}}]
                to: [{operation: {hosts: [ping.example], ports: ["8080"]}}]
              - from: [{source: {notNamespaces: [c]}}]
                to: [{operation: {notPaths: [/admin*]}}]
            """);

    [Fact]
    public void Denying_everything_in_csharp_equals_it_in_yaml() =>
        SameDocument.Assert(AuthorizationPolicy.Deny("no").Rule(r => r), """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: "no"}
            spec: {action: DENY, rules: [{}]}
            """);

    [Fact]
    public void Mutual_tls_in_csharp_equals_it_in_yaml() =>
        SameDocument.Assert(PeerAuthentication.For("ping", MutualTlsMode.Strict, ("app", "ping")).Port(8080, MutualTlsMode.Disable), """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: ping}
            spec:
              selector: {matchLabels: {app: ping}}
              mtls: {mode: STRICT}
              portLevelMtls: {8080: {mode: DISABLE}}
            """);
}
