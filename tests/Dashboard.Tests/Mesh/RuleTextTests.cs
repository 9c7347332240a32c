using Dashboard.Localization;
using Dashboard.Mesh;
using Dashboard.Tests.Support;
using Istio.Documents;

namespace Dashboard.Tests.Mesh;

public sealed class RuleTextTests
{
    [Fact]
    public void A_VirtualService_reads_as_for_what_and_what_then() =>
        Assert.Equal([new RuleLine("path starts with /api/v1", "→ ping v1 90% · ping v2 10%, timeout 10s")], Describe(TestMesh.VirtualService));

    [Theory]
    [InlineData("retries: { attempts: 3 }", "everything → → ping, retries 3")]
    [InlineData("rewrite: { uri: / }", "everything → → ping, path becomes /")]
    [InlineData("fault: { abort: { httpStatus: 503, percentage: { value: 12.5 } } }", "everything → → ping, 12.5% aborted with 503")]
    [InlineData("fault: { delay: { fixedDelay: 2s, percentage: { value: 50 } } }", "everything → → ping, 50% delayed by 2s")]
    [InlineData("match: [ { headers: { x-canary: { exact: \"true\" } } } ]", "header x-canary = true → → ping")]
    [InlineData("match: [ { uri: { exact: /a } }, { method: { exact: GET } } ]", "path is /a | method = GET → → ping")]
    public void Each_part_of_a_route_has_its_words(string part, string expected)
    {
        var line = Assert.Single(Describe(
            $$"""
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: { name: ping }
            spec:
              hosts: [ping]
              http:
                - route: [ { destination: { host: ping } } ]
                  {{part}}
            """));
        Assert.Equal(expected, $"{line.When} → {line.Then}");
    }

    [Fact]
    public void An_Ingress_reads_as_path_and_service()
    {
        const string Ingress =
            """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: gateway
              annotations:
                nginx.ingress.kubernetes.io/rewrite-target: /$2
            spec:
              rules:
                - host: shop.example
                  http:
                    paths:
                      - path: /api/v1(/|$)(.*)
                        pathType: ImplementationSpecific
                        backend: { service: { name: ping, port: { name: http } } }
            """;
        Assert.Equal([new RuleLine("path /api/v1(/|$)(.*), host shop.example", "→ ping:http, path becomes /$2")], Describe(Ingress));
    }

    [Theory]
    [InlineData(
        "Gateway", "servers: [ { port: { number: 80, name: http, protocol: HTTP }, hosts: [a.example, b.example] } ]",
        "port 80 HTTP → for hosts a.example b.example")]
    [InlineData(
        "DestinationRule", "{ host: ping, trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3, baseEjectionTime: 10s } } }",
        "ping → ejected for 10s after 3 consecutive 5xx")]
    [InlineData("DestinationRule", "{ host: ping, trafficPolicy: { outlierDetection: {} } }", "ping → ejected for 30s after 5 consecutive 5xx")]
    public void Doors_and_ejections_have_words_too(string kind, string spec, string expected)
    {
        var line = Assert.Single(Describe(
            $$"""
            apiVersion: networking.istio.io/v1
            kind: {{kind}}
            metadata: { name: one }
            spec: {{(spec.StartsWith('{') ? spec : $"{{ {spec} }}")}}
            """));
        Assert.Equal(expected, $"{line.When} → {line.Then}");
    }

    [Fact]
    public void What_fits_no_schema_is_left_to_the_YAML()
    {
        var line = Assert.Single(Describe(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: { name: odd }
            spec: [1, 2]
            """));
        Assert.Equal(Texts.Of("en")["rule.other"], line.Then);
    }

    private static IReadOnlyList<RuleLine> Describe(string yaml) =>
        new RuleText(Texts.Of("en")).Describe(ResourceReader.ReadText(yaml, "rule.yaml").Documents[0]);
}
