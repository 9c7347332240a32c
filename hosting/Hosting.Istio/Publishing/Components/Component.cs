using System.Text.Json;
using System.Text.Json.Nodes;
using Istio.Documents;

namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// A capability in a folder of its own, as a kustomize component
/// (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/components/).
/// </summary>
internal sealed class Component
{
    private readonly SortedDictionary<string, object> _resources = new(StringComparer.Ordinal);
    private readonly List<JsonObject> _patches = [];

    /// <summary>The documents, by file name.</summary>
    public IReadOnlyDictionary<string, object> Resources => _resources;

    /// <summary>Adds a document in a file of its own.</summary>
    public Component Add(object resource)
    {
        var (kind, name) = MeshServices.Identify(resource);
        _resources.Add(MeshFolder.FileName(kind, name), resource);
        return this;
    }

    /// <summary>Adds a patch of a resource that another part of the tree declares.</summary>
    public Component Patch(string kind, string name, string path, string operation, JsonNode? value = null)
    {
        var step = new JsonObject { ["op"] = operation, ["path"] = path };
        if (value is not null)
        {
            step["value"] = value;
        }

        _patches.Add(new JsonObject
        {
            ["target"] = new JsonObject { ["kind"] = kind, ["name"] = name },
            ["patch"] = new JsonArray(step).ToJsonString(),
        });
        return this;
    }

    /// <summary>Adds the folder to a tree.</summary>
    public void WriteTo(OutputTree tree, string folder)
    {
        foreach (var (file, resource) in _resources)
        {
            tree.Add($"{folder}/{file}", ResourceWriter.Write(resource));
        }

        var kustomization = Kustomization.Component();
        if (_resources.Count > 0)
        {
            kustomization["resources"] = Kustomization.List(_resources.Keys);
        }

        if (_patches.Count > 0)
        {
            kustomization["patches"] = new JsonArray([.. _patches]);
        }

        tree.Add($"{folder}/kustomization.yaml", Kustomization.Write(kustomization));
    }
}

/// <summary>kustomization.yaml files.</summary>
internal static class Kustomization
{
    private const string Header = "# Written from the AppHost: dotnet run --project AppHost -- publish\n";

    public static JsonObject Component() => new() { ["apiVersion"] = "kustomize.config.k8s.io/v1alpha1", ["kind"] = "Component" };

    public static JsonObject Root() => new() { ["apiVersion"] = "kustomize.config.k8s.io/v1beta1", ["kind"] = "Kustomization" };

    public static JsonArray List(IEnumerable<string> items) => [.. items.Select(item => (JsonNode)item)];

    public static string Write(JsonObject kustomization)
    {
        if (kustomization.Count == 2)
        {
            // kustomize takes one without any content for a mistake.
            kustomization["generatorOptions"] = new JsonObject { ["disableNameSuffixHash"] = true };
        }

        return Header + Yaml(kustomization);
    }

    /// <summary>Writes an object that is no resource of a cluster, in the same style as those that are.</summary>
    public static string Yaml(JsonObject content) => ResourceWriter.Write(new UntypedResource(
        (string)content["apiVersion"]!, (string)content["kind"]!, new ObjectMeta(), JsonSerializer.SerializeToElement(content)));
}
