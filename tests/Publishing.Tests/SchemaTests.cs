using System.Text.Json.Nodes;
using Hosting.Istio.Publishing.Components;
using Istio.Documents;
using NJsonSchema;

namespace Publishing.Tests;

/// <summary>Istio's documents of the output against the schemas of Istio's own definitions.</summary>
public class SchemaTests
{
    [Fact]
    public async Task Every_Istio_object_passes_its_schema()
    {
        var definitions = ResourceReader.ReadPaths([Definitions()]).Documents.ToDictionary(
            document => ((string?)document.Json["spec"]!["group"], (string?)document.Json["spec"]!["names"]!["kind"]), document => document.Json);
        var checkedObjects = 0;
        foreach (var document in ResourceReader.ReadPaths([Repository.Output]).Documents.Where(PublishedMesh.IsIstio))
        {
            var (group, version) = (document.ApiVersion.Split('/')[0], document.ApiVersion.Split('/')[1]);
            var schema = definitions[(group, document.Kind)]["spec"]!["versions"]!.AsArray()
                .Single(candidate => (string?)candidate!["name"] == version)!["schema"]!["openAPIV3Schema"]!;
            var errors = (await JsonSchema.FromJsonAsync(Closed(schema.DeepClone()).ToJsonString(), TestContext.Current.CancellationToken))
                .Validate(document.Json.ToJsonString());
            Assert.True(errors.Count == 0, $"{document.Location}: {string.Join("; ", errors)}");
            checkedObjects++;
        }

        Assert.True(checkedObjects > 0);
    }

    /// <summary>An object with properties takes no others: the API server would drop them silently.</summary>
    private static JsonNode Closed(JsonNode schema)
    {
        if (schema is JsonObject node)
        {
            // Names of metadata are Kubernetes' own, and the definitions leave them open.
            foreach (var (_, child) in node.Where(pair => pair.Key != "metadata" && pair.Value is not null).ToList())
            {
                Closed(child!);
            }

            if (node["properties"] is JsonObject properties && node["oneOf"] is null && node["anyOf"] is null && node["type"] is JsonValue)
            {
                properties.TryAdd("apiVersion", new JsonObject());
                properties.TryAdd("kind", new JsonObject());
                properties.TryAdd("metadata", new JsonObject());
                node["additionalProperties"] = false;
            }
        }
        else if (schema is JsonArray items)
        {
            foreach (var item in items)
            {
                Closed(item!);
            }
        }

        return schema;
    }

    private static string Definitions()
    {
        var path = Environment.GetEnvironmentVariable("ISTIO_CRDS") is { Length: > 0 } given ? given : Path.Combine(Repository.Root, "../shared/data/istio-crds.yaml");
        Assert.SkipUnless(File.Exists(path), "Istio's CRDs are not here; set ISTIO_CRDS to the path of crd-all.gen.yaml.");
        return path;
    }
}
