using Istio.Documents;
using Istio.Networking;
using k8s.Models;

namespace Istio.Tests.Documents;

public class ResourceReaderTests
{
    private const string Mesh = """
        # the registry
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata:
          name: ping-1
          namespace: demo
          labels: &labels
            app: ping
            "app.kubernetes.io/name": ping
        spec:
          address: 127.0.0.1
          ports:
            http: 41001
          labels:
            <<: *labels
            version: v1
        ---
        # nothing here
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: ping
        spec:
          selector:
            app: ping
          ports:
          - name: http
            port: 8080
            targetPort: 8080
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: gin-demo-ingress
        spec:
          rules:
          - http:
              paths:
              - path: /api/v1(/|$)(.*)
                pathType: ImplementationSpecific
                backend:
                  service:
                    name: ping
                    port:
                      number: 8080
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: ping
        spec:
          replicas: 3
        """;

    [Fact]
    public void Documents_of_a_text_become_typed_resources()
    {
        var set = ResourceReader.ReadText(Mesh, "mesh.yaml");

        Assert.Empty(set.Findings);
        Assert.Equal(["WorkloadEntry", "Service", "Ingress", "Deployment"], set.Documents.Select(document => document.Kind));
        var (document, entry) = Assert.Single(set.OfType<WorkloadEntry>());
        Assert.Equal(("ping-1", "demo", "networking.istio.io/v1"), (document.Name, document.Namespace, document.ApiVersion));
        Assert.Equal("127.0.0.1", entry.Spec.Address);
        Assert.Equal(41001u, entry.Spec.Ports["http"]);
        Assert.Equal(["version", "app", "app.kubernetes.io/name"], entry.Spec.Labels.Keys);
        Assert.Equal("ping", Assert.Single(set.OfType<V1Service>()).Resource.Spec.Selector["app"]);
        Assert.Equal("/api/v1(/|$)(.*)", Assert.Single(set.OfType<V1Ingress>()).Resource.Spec.Rules[0].Http.Paths[0].Path);
        var untyped = Assert.IsType<UntypedResource>(set.Documents[3].Resource);
        Assert.Equal(3, untyped.Content.GetProperty("spec").GetProperty("replicas").GetInt32());
        Assert.Equal("default", set.Documents[3].Namespace);
    }

    [Theory]
    [InlineData("", 2, 1)]
    [InlineData("spec.address", 11, 3)]
    [InlineData("spec.ports.http", 13, 5)]
    [InlineData("metadata.labels[\"app.kubernetes.io/name\"]", 9, 5)]
    [InlineData("spec.labels.app", 8, 5)]
    [InlineData("spec.weight", 10, 1)]
    [InlineData("status.conditions[0]", 2, 1)]
    public void A_field_is_located_by_its_path(string path, int line, int column) =>
        Assert.Equal(new SourceLocation("mesh.yaml", line, column), ResourceReader.ReadText(Mesh, "mesh.yaml").Documents[0].Locate(path));

    [Fact]
    public void A_list_item_is_located_where_it_begins()
    {
        var ingress = ResourceReader.ReadText(Mesh, "mesh.yaml").Documents[2];

        Assert.Equal(LineOf("number: 8080"), ingress.Locate("spec.rules[0].http.paths[0].backend.service.port.number").Line);
        Assert.Equal(LineOf("- path:"), ingress.Locate("spec.rules[0].http.paths[0]").Line);
        Assert.Equal(LineOf("pathType:"), ingress.Locate("spec.rules[0].http.paths[0].pathType").Line);
        Assert.Equal(LineOf("paths:"), ingress.Locate("spec.rules[0].http.paths[7]").Line);
    }

    [Fact]
    public void Documents_are_written_as_they_were_read()
    {
        var set = ResourceReader.ReadText(Mesh, "mesh.yaml");

        var again = ResourceReader.ReadText(ResourceWriter.Write(set.Documents), "again.yaml");

        Assert.Empty(again.Findings);
        Assert.Equal(set.Documents.Select(document => document.Json.ToJsonString()), again.Documents.Select(document => document.Json.ToJsonString()));
        Assert.Equal(set.Documents[0].Resource, again.Documents[0].Resource);
    }

    [Fact]
    public void Text_may_begin_with_an_empty_line_that_has_the_spaces_of_its_indentation()
    {
        const string yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  a: |\n    \n    text\n  b: |- # note\n  \n    more\n";

        var set = ResourceReader.ReadText("---\n" + yaml + "---\n" + yaml, "config.yaml");

        Assert.Empty(set.Findings);
        Assert.Equal(2, set.Documents.Length);
        Assert.All(set.Documents, document => Assert.Equal("\ntext\n", (string?)document.Json["data"]!["a"]));
        Assert.Equal("\nmore", (string?)set.Documents[1].Json["data"]!["b"]);
        Assert.Equal(19, set.Documents[1].Locate("data.a").Line);
    }

    [Fact]
    public void Text_may_not_begin_with_an_empty_line_that_has_more_spaces_than_it()
    {
        var set = ResourceReader.ReadText(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  a: |\n      \n    text\n", "config.yaml");

        Assert.Equal("YAML004", Assert.Single(set.Findings).Code);
    }

    private static int LineOf(string text) => Mesh[..Mesh.IndexOf(text, StringComparison.Ordinal)].Count(c => c == '\n') + 1;
}
