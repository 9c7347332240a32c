using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Kubernetes.Resources;
using Istio.Documents;
using YamlDotNet.Serialization;

namespace Hosting.Istio.Publishing;

/// <summary>
/// A document of the mesh as Aspire's publisher serialises one. The publisher names a template's file after the document alone, whatever
/// its kind, so a document whose name nothing refers to carries its kind in it: a VirtualService and a Service may both be called ping.
/// </summary>
internal sealed class HelmDocument : BaseKubernetesResource
{
    // Referred to by name: by hosts, by VirtualServices and routes, and by nobody else's rules.
    private static readonly string[] KeepTheirNames = ["Service", "Gateway"];

    public HelmDocument(object resource)
        : this(ResourceWriter.ToJson(resource))
    {
    }

    private HelmDocument(JsonObject json)
        : base((string)json["apiVersion"]!, (string)json["kind"]!)
    {
        var metadata = json["metadata"]!;
        var name = (string)metadata["name"]!;
        Metadata.Name = KeepTheirNames.Contains(Kind) ? name : $"{name}-{Kind!.ToLowerInvariant()}";
        foreach (var (key, value) in metadata["labels"] as JsonObject ?? [])
        {
            Metadata.Labels[key] = (string)value!;
        }

        foreach (var (key, value) in metadata["annotations"] as JsonObject ?? [])
        {
            Metadata.Annotations[key] = (string)value!;
        }

        Spec = (Dictionary<string, object?>)Plain(json["spec"] ?? new JsonObject())!;
    }

    /// <summary>What the document says.</summary>
    [YamlMember(Alias = "spec")]
    public Dictionary<string, object?> Spec { get; }

    private static object? Plain(JsonNode? node) => node switch
    {
        JsonObject members => members.ToDictionary(member => member.Key, member => Plain(member.Value)),
        JsonArray items => items.Select(Plain).ToList(),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ when value.TryGetValue<long>(out var number) => number,
            _ => value.GetValue<double>(),
        },
        _ => null,
    };
}
