using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Istio.Yaml;
using k8s;

namespace Istio.Documents;

/// <summary>
/// Writes resources as YAML: block style, apiVersion, kind, metadata, spec and status first, two spaces. The same resources always give
/// the same text.
/// </summary>
public static class ResourceWriter
{
    private static readonly string[] First = ["apiVersion", "kind", "metadata", "spec", "status"];

    /// <summary>Writes one resource.</summary>
    /// <param name="resource">
    /// A record of this library, a model of KubernetesClient, an <see cref="UntypedResource"/>, or a <see cref="ResourceDocument"/>: of
    /// that the document itself is written, with every field the file has.
    /// </param>
    public static string Write(object resource) => Write([resource]);

    /// <summary>Writes several resources, separated by lines of three dashes.</summary>
    /// <param name="resources">Resources as <see cref="Write(object)"/> takes them.</param>
    public static string Write(IEnumerable<object> resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        using var output = new StringWriter(new StringBuilder(), CultureInfo.InvariantCulture) { NewLine = "\n" };
        var isFirst = true;
        foreach (var resource in resources)
        {
            if (!isFirst)
            {
                output.Write("---\n");
            }

            isFirst = false;
            YamlWriter.Write(Ordered(ToJson(resource)), output);
        }

        return output.ToString();
    }

    /// <summary>A resource as JSON, with the members in the order of <see cref="Write(object)"/>.</summary>
    public static JsonObject ToJson(object resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource switch
        {
            ResourceDocument document => (JsonObject)document.Json.DeepClone(),
            UntypedResource untyped => JsonObject.Create(untyped.Content) ?? [],
            Resource typed => (JsonObject)JsonSerializer.SerializeToNode(typed, ResourceContracts.Of(typed.GetType()))!,
            IKubernetesObject model when KubernetesModelJson.Default.GetTypeInfo(model.GetType()) is { } contract =>
                (JsonObject)JsonSerializer.SerializeToNode(model, contract)!,
            IKubernetesObject model => (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(model))!,
            _ => throw new ArgumentException($"{resource.GetType()} is not a Kubernetes resource.", nameof(resource)),
        };
    }

    private static JsonObject Ordered(JsonObject resource)
    {
        var members = resource.ToList();
        resource.Clear();
        foreach (var (name, value) in members.OrderBy(member => Rank(member.Key)))
        {
            resource.Add(name, value);
        }

        return resource;
    }

    private static int Rank(string name)
    {
        var index = Array.IndexOf(First, name);
        return index < 0 ? First.Length : index;
    }
}
