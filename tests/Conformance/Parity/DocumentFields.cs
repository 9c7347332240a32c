using System.Text.Json.Nodes;
using Istio.Documents;
using Istio.MeshConfiguration;

namespace Conformance.Parity;

/// <summary>A field of a message, which is an object of a resource's schema.</summary>
/// <param name="Message">The message's type.</param>
/// <param name="Name">The field's name in YAML.</param>
internal readonly record struct MessageField(Type Message, string Name)
{
    public override string ToString() => $"{Message.Namespace}.{Message.Name}.{Name}";
}

/// <summary>Finds and removes fields in documents, guided by the types of the resources.</summary>
internal static class DocumentFields
{
    /// <summary>The fields that documents have.</summary>
    public static HashSet<MessageField> Find(string documents)
    {
        var fields = new HashSet<MessageField>();
        foreach (var (node, type) in Roots(Read(documents)))
        {
            Visit(node, type, (_, field) => fields.Add(field));
        }

        return fields;
    }

    /// <summary>Documents without a field.</summary>
    public static string Without(string documents, MessageField field)
    {
        var all = Read(documents);
        foreach (var (node, type) in Roots(all))
        {
            Visit(node, type, (parent, found) =>
            {
                if (found == field)
                {
                    parent.Remove(found.Name);
                }
            });
        }

        return string.Concat(all.Select(document => $"---\n{document.ToJsonString()}\n"));
    }

    private static List<JsonNode> Read(string documents) =>
        [.. ResourceReader.ReadText(documents, "case.yaml").Documents.Select(document => JsonNode.Parse(document.Json.ToJsonString())!)];

    private static IEnumerable<(JsonNode Node, Schema Type)> Roots(IEnumerable<JsonNode> documents) =>
        documents.Select(Root).OfType<(JsonNode, Schema)>();

    private static (JsonNode Node, Schema Type)? Root(JsonNode document)
    {
        var (group, kind) = (ResourceTypes.SplitApiVersion($"{document["apiVersion"]}").Group, $"{document["kind"]}");
        return ResourceTypes.Find(group, kind) is { } type ? (document, Schema.Of(type.Type))
            : kind == "IstioOperator" && document["spec"]?["meshConfig"] is { } mesh ? (mesh, Schema.Of(typeof(MeshConfig)))
            : null;
    }

    private static void Visit(JsonNode? node, Schema schema, Action<JsonObject, MessageField> found)
    {
        switch (schema.Kind)
        {
            case SchemaKind.Object when node is JsonObject message:
                foreach (var (name, value) in message.ToArray())
                {
                    if (schema.Members.TryGetValue(name, out var member))
                    {
                        Visit(value, member, found);
                        found(message, new MessageField(schema.Type, name));
                    }
                }

                break;
            case SchemaKind.Array when node is JsonArray items:
                foreach (var item in items)
                {
                    Visit(item, schema.Item, found);
                }

                break;
            case SchemaKind.Map when node is JsonObject map:
                foreach (var (_, value) in map)
                {
                    Visit(value, schema.Item, found);
                }

                break;
        }
    }
}
