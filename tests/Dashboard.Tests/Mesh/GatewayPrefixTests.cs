using Dashboard.Mesh;
using Dashboard.OpenApi;
using Istio.Documents;

namespace Dashboard.Tests.Mesh;

public sealed class GatewayPrefixTests
{
    [Theory]
    [InlineData("/api/v1(/|$)(.*)", "rewrite-target", "/api/v1")]
    [InlineData("/shop/", "rewrite-target", "/shop")]
    [InlineData("/(.*)", "rewrite-target", "")]
    [InlineData("/api/v1", "use-regex", "")] // the service sees the whole path
    public void A_service_is_called_below_what_its_Ingress_takes_away(string path, string annotation, string expected) =>
        Assert.Equal(expected, Of("shop", path, annotation));

    [Fact]
    public void A_service_that_no_Ingress_names_has_no_prefix() => Assert.Equal("", Of("stock", "/api/v1(/|$)(.*)", "rewrite-target"));

    private static string Of(string service, string path, string annotation) => GatewayPrefix.Of(
        new MeshDocuments("", ResourceReader.ReadText(
            $$"""
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: gateway
              annotations:
                nginx.ingress.kubernetes.io/{{annotation}}: "/$2"
            spec:
              rules:
                - http:
                    paths:
                      - path: {{path}}
                        pathType: ImplementationSpecific
                        backend: { service: { name: shop, port: { number: 80 } } }
            """,
            "ingress.yaml").Documents, []),
        service);
}
