using System.Text.Json;
using System.Text.Json.Nodes;
using Istio.Documents;
using Istio.MeshConfiguration;

namespace Istio.Tests.MeshConfiguration;

/// <summary>The configuration of the mesh is read where it stands, and nothing of it is lost.</summary>
public class MeshConfigTests
{
    private const string Config = """
        {
          "accessLogFile": "/dev/stdout",
          "extensionProviders": [
            { "name": "a", "envoyExtAuthzHttp": {
              "service": "auth.default.svc.cluster.local", "port": 8080, "timeout": "2s", "pathPrefix": "/check", "failOpen": true,
              "clearRouteCache": true, "statusOnError": "503", "includeHeadersInCheck": ["x-old"], "includeRequestHeadersInCheck": ["x-a"],
              "includeAdditionalHeadersInCheck": { "x-b": "c" },
              "includeRequestBodyInCheck": { "maxRequestBytes": 10, "allowPartialMessage": true, "packAsBytes": true },
              "headersToUpstreamOnAllow": ["x-c"], "headersToDownstreamOnDeny": ["x-d"], "headersToDownstreamOnAllow": ["x-e"], "more": 1 } },
            { "name": "b", "envoyExtAuthzGrpc": {
              "service": "x/y.example", "port": 1, "timeout": "1s", "failOpen": false, "clearRouteCache": false, "statusOnError": "401",
              "includeRequestBodyInCheck": { "maxRequestBytes": 4294967295 } } },
            { "name": "c", "zipkin": { "service": "z", "port": 9411 } }
          ]
        }
        """;

    private static MeshConfigSource Read(string yaml) => Assert.Single(MeshConfigReader.Read(ResourceReader.ReadText(yaml, "mesh.yaml")));

    [Fact]
    public void All_of_it_is_kept()
    {
        var source = Read($"{{apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, spec: {{meshConfig: {Config}}}}}");
        Assert.Empty(source.Misfits);
        var written = JsonSerializer.Serialize(source.Config, ResourceContracts.Of(typeof(MeshConfig)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Config), JsonNode.Parse(written)), written);
        Assert.Equal(("spec.meshConfig.extensionProviders[0].name", "spec.meshConfig"), (source.FieldOf("extensionProviders[0].name"), source.FieldOf("")));
    }

    [Fact]
    public void It_may_stand_in_the_ConfigMap_of_the_control_plane()
    {
        var source = Read($$"""
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: istio, namespace: istio-system }
            data: { mesh: '{{Config.ReplaceLineEndings(" ")}}' }
            """);
        Assert.Equal(3, source.Config.ExtensionProviders.Count);
        Assert.Equal((2000d, "data.mesh"),
            (source.Config.ExtensionProviders[0].EnvoyExtAuthzHttp!.Timeout!.Value.Value!.Value.TotalMilliseconds, source.FieldOf("extensionProviders[0].name")));
    }

    [Theory]
    [InlineData("[]", "", "must be a mapping")]
    [InlineData("{extensionProviders: {}}", "extensionProviders", "must be a list")]
    [InlineData("{extensionProviders: [{name: a, envoyExtAuthzHttp: {port: http}}]}", "extensionProviders[0].envoyExtAuthzHttp.port", "whole number")]
    public void What_does_not_fit_is_told_and_not_used(string config, string field, string message)
    {
        var source = Read($"{{apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, spec: {{meshConfig: {config}}}}}");
        var misfit = Assert.Single(source.Misfits);
        Assert.Equal(field, misfit.Field);
        Assert.Contains(message, misfit.Message, StringComparison.Ordinal);
        Assert.True(source.Config.ExtensionProviders.IsEmpty);
    }

    [Fact]
    public void Other_documents_have_none() => Assert.Empty(MeshConfigReader.Read(ResourceReader.ReadText(
        """
        { apiVersion: v1, kind: ConfigMap, metadata: { name: istio, namespace: default }, data: { mesh: "extensionProviders: []" } }
        ---
        { apiVersion: v1, kind: ConfigMap, metadata: { name: istio, namespace: istio-system } }
        ---
        { apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, spec: { profile: demo } }
        """, "mesh.yaml")));
}
