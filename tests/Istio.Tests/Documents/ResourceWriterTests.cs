using Istio.Documents;
using Istio.Networking;
using Istio.Security;
using k8s.Models;

namespace Istio.Tests.Documents;

public class ResourceWriterTests
{
    [Fact]
    public void A_record_is_written_in_block_style()
    {
        var service = VirtualService.For("ping").Hosts("*", "on").Label("app", "ping").Annotation("text", "two\nlines\n")
            .Http(r => r.Match(m => m.Uri(prefix: "/api/").Header("x-debug")).RouteTo("ping", port: 8080).Timeout(TimeSpan.FromSeconds(2)));

        Assert.Equal("""
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: ping
              labels:
                app: ping
              annotations:
                text: |
                  two
                  lines
            spec:
              hosts:
              - '*'
              - 'on'
              http:
              - match:
                - uri:
                    prefix: /api/
                  headers:
                    x-debug: {}
                route:
                - destination:
                    host: ping
                    port:
                      number: 8080
                timeout: 2s

            """, ResourceWriter.Write(service));
    }

    [Fact]
    public void Several_resources_are_separated_and_models_of_KubernetesClient_are_written_too()
    {
        var service = new V1Service
        {
            Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 8080, TargetPort = "http" }] },
            Metadata = new V1ObjectMeta { Name = "ping" },
            Kind = "Service",
            ApiVersion = "v1",
        };

        Assert.Equal("""
            apiVersion: v1
            kind: Service
            metadata:
              name: ping
            spec:
              ports:
              - port: 8080
                targetPort: http
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata:
              name: ping-1

            """, ResourceWriter.Write([service, new WorkloadEntry().Named("ping-1")]));
    }

    [Fact]
    public void A_document_is_written_with_fields_that_its_model_does_not_know()
    {
        var set = ResourceReader.ReadText("""
            status: {x: 1}
            spec: {ports: [{port: 80, unknown: [null, 1.50]}]}
            extra: true
            metadata: {name: ping}
            kind: Service
            apiVersion: v1
            """, "a.yaml");

        Assert.Equal(["status.x", "spec.ports[0].unknown", "extra"], set.Documents[0].UnknownFields);
        Assert.Equal("""
            apiVersion: v1
            kind: Service
            metadata:
              name: ping
            spec:
              ports:
              - port: 80
                unknown:
                - null
                - 1.5
            status:
              x: 1
            extra: true

            """, ResourceWriter.Write(set.Documents[0]));
    }

    [Theory]
    [InlineData("networking.istio.io/v1beta1")]
    [InlineData("networking.istio.io/v1alpha3")]
    public void The_version_is_written_as_it_was_read(string apiVersion)
    {
        var set = ResourceReader.ReadText($"apiVersion: {apiVersion}\nkind: VirtualService\nmetadata: {{name: a}}\n", "a.yaml");

        var resource = Assert.Single(set.OfType<VirtualService>()).Resource;

        Assert.Equal($"apiVersion: {apiVersion}\nkind: VirtualService\nmetadata:\n  name: a\n", ResourceWriter.Write(resource));
        Assert.NotEqual(new VirtualService().Named("a"), resource);
    }

    [Fact]
    public void What_is_no_resource_is_refused() =>
        Assert.Equal("System.String is not a Kubernetes resource. (Parameter 'resource')", Assert.Throws<ArgumentException>(() => ResourceWriter.Write("text")).Message);

    [Fact]
    public void Members_given_as_null_are_written_as_null()
    {
        const string yaml = """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata:
              name: ping
              annotations: null
            spec:
              selector: null
              rules: null

            """;
        var policy = Assert.Single(ResourceReader.ReadText(yaml, "a.yaml").OfType<AuthorizationPolicy>()).Resource;

        Assert.Null(policy.Spec.Selector);
        Assert.True(policy.Spec.Rules.IsAbsent);
        Assert.Empty(policy.Spec.UnknownFields);
        Assert.Equal(yaml, ResourceWriter.Write(policy));
        Assert.NotEqual(policy, policy with { Spec = new AuthorizationPolicySpec() });
        Assert.Equal(policy, Assert.Single(ResourceReader.ReadText(yaml, "b.yaml").OfType<AuthorizationPolicy>()).Resource);

        var changed = policy with { Spec = policy.Spec with { Selector = new WorkloadSelector { MatchLabels = new Dictionary<string, string> { ["a"] = "b" } } } };
        Assert.Contains("  selector:\n    matchLabels:\n      a: b\n  rules: null\n", ResourceWriter.Write(changed), StringComparison.Ordinal);
    }
}
