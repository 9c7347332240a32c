using System.Text.Json;
using Istio.Yaml;

namespace Istio.Documents;

/// <summary>The identity of a document, read before it is known to be sound.</summary>
internal static class ResourceHeader
{
    /// <summary>Kind and name as far as they are text; empty otherwise.</summary>
    public static (string Kind, string Name) Peek(YamlMapping? root) => (Text(root?["kind"]), Text((root?["metadata"] as YamlMapping)?["name"]));

    /// <summary>The text of a string scalar; empty for anything else.</summary>
    public static string Text(YamlNode? node) => node is YamlScalar { Kind: ScalarKind.String } scalar ? scalar.Text : "";
}

/// <summary>Turns the trees of one file into typed resources, flattening lists, with findings for what does not fit.</summary>
internal sealed class DocumentBinder(ResourceSetBuilder builder, string file)
{
    // Configuration files for tools, in the shape of resources, which no API server sees: their name is optional.
    private static readonly string[] NamelessGroups = ["kustomize.config.k8s.io", "install.istio.io"];

    /// <summary>Adds a document, or the items of a list (<c>kind: List</c>, <c>VirtualServiceList</c> ...).</summary>
    public void Add(YamlNode root) => Add(root, "", "");

    private void Add(YamlNode root, string inheritedVersion, string inheritedKind)
    {
        if (root is not YamlMapping mapping)
        {
            Report(root.Line, root.Column, ReaderCodes.NotAResource, $"The document is {root.Description}; a resource is a mapping with apiVersion, kind and metadata.");
            return;
        }

        var apiVersion = ResourceHeader.Text(mapping["apiVersion"]) is { Length: > 0 } version ? version : inheritedVersion;
        var kind = ResourceHeader.Text(mapping["kind"]) is { Length: > 0 } own ? own : inheritedKind;
        if (kind.EndsWith("List", StringComparison.Ordinal) && mapping["items"] is YamlSequence items && (mapping["metadata"] as YamlMapping)?["name"] is null)
        {
            var isTyped = kind.Length > "List".Length;
            foreach (var item in items.Items)
            {
                Add(item, isTyped ? apiVersion : "", isTyped ? kind[..^"List".Length] : "");
            }

            return;
        }

        if (HasIdentity(mapping, apiVersion, kind))
        {
            Bind(inheritedKind.Length == 0 ? mapping : WithIdentity(mapping, apiVersion, kind), apiVersion, kind);
        }
    }

    /// <summary>An item of a typed list may leave out what the list says.</summary>
    private static YamlMapping WithIdentity(YamlMapping item, string apiVersion, string kind)
    {
        var whole = new YamlMapping(item.Line, item.Column);
        foreach (var (key, value) in new[] { ("apiVersion", apiVersion), ("kind", kind) })
        {
            if (item.Find(key) is null)
            {
                whole.Add(new YamlEntry(key, item.Line, item.Column, new YamlScalar(ScalarKind.String, value, value, item.Line, item.Column)));
            }
        }

        foreach (var entry in item.Entries)
        {
            whole.Add(entry);
        }

        return whole;
    }

    private bool HasIdentity(YamlMapping root, string apiVersion, string kind)
    {
        var (_, name) = ResourceHeader.Peek(root);
        var sound = true;
        foreach (var (field, value) in new[] { ("apiVersion", apiVersion), ("kind", kind) })
        {
            if (value.Length > 0)
            {
                continue;
            }

            sound = false;
            var entry = root.Find(field);
            Report(entry?.Line ?? root.Line, entry?.Column ?? root.Column, ReaderCodes.NotAResource,
                entry is null ? "is missing; every Kubernetes resource has one." : $"is {entry.Value.Value.Description}; it must be text.", kind, name, field);
        }

        if (name.Length == 0 && sound && !NamelessGroups.Contains(ResourceTypes.SplitApiVersion(apiVersion).Group))
        {
            sound = false;
            ReportMissingName(root, kind);
        }

        return sound;
    }

    private void ReportMissingName(YamlMapping root, string kind)
    {
        var metadata = root.Find("metadata");
        var name = (metadata?.Value as YamlMapping)?.Find("name");
        var (line, column) = name is { } n ? (n.Line, n.Column) : metadata is { } m ? (m.Line, m.Column) : (root.Line, root.Column);
        var message = name is null ? "is missing; every Kubernetes resource has one."
            : name.Value.Value is YamlScalar { Kind: ScalarKind.String or ScalarKind.Null } ? "is empty; every Kubernetes resource has a name."
            : $"is {name.Value.Value.Description}; it must be text{(name.Value.Value is YamlScalar scalar ? $": write \"{scalar.Source}\" in quotes" : "")}.";
        Report(line, column, ReaderCodes.NoName, message, kind, "", "metadata.name");
    }

    private void Bind(YamlMapping root, string apiVersion, string kind)
    {
        var (group, version) = ResourceTypes.SplitApiVersion(apiVersion);
        var type = ResourceTypes.Find(group, kind);
        if (type is not null && !type.Versions.Contains(version))
        {
            var entry = root.Find("apiVersion");
            Report(entry?.Line ?? root.Line, entry?.Column ?? root.Column, ReaderCodes.UnknownVersion,
                $"{kind} has no version {version}; it is read as {string.Join(", ", type.Versions.Select(known => group.Length == 0 ? known : $"{group}/{known}"))}.",
                kind, ResourceHeader.Peek(root).Name, "apiVersion");
            type = null;
        }

        var check = new SchemaCheck();
        check.Check(root, Schema.Of(type?.Type ?? typeof(UntypedShape)));
        foreach (var (field, line, column, message) in check.Misfits)
        {
            Report(line, column, ReaderCodes.Schema, message, kind, ResourceHeader.Peek(root).Name, field);
        }

        var json = ResourceJson.ToUtf8(root);
        var resource = type is not null && check.CanBind ? Read(type, json, root) : null;
        var metadata = (resource as Resource)?.Metadata ?? ReadMetadata(root, json, check.CanBind);
        builder.AddDocument(new ResourceDocument(file, apiVersion, kind, metadata, resource ?? Untyped(apiVersion, kind, metadata, json), root)
        {
            UnknownFields = type is null ? [] : [.. check.UnknownFields],
        });
    }

    private object? Read(ResourceType type, ReadOnlyMemory<byte> json, YamlMapping root)
    {
        try
        {
            return type.Read(json);
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            // The schema check leaves only what a model of KubernetesClient refuses on its own account.
            Report(root.Line, root.Column, ReaderCodes.Schema, $"{type.Kind} cannot be read: {exception.Message}", type.Kind, ResourceHeader.Peek(root).Name);
            return null;
        }
    }

    private static ObjectMeta ReadMetadata(YamlMapping root, ReadOnlyMemory<byte> json, bool fits)
    {
        if (fits)
        {
            return JsonSerializer.Deserialize(json.Span, ResourceJson.Default.UntypedShape)!.Metadata ?? ObjectMeta.Empty;
        }

        var metadata = root["metadata"] as YamlMapping;
        return new ObjectMeta { Name = NullWhenEmpty(ResourceHeader.Text(metadata?["name"])), Namespace = NullWhenEmpty(ResourceHeader.Text(metadata?["namespace"])) };
    }

    private static UntypedResource Untyped(string apiVersion, string kind, ObjectMeta metadata, ReadOnlyMemory<byte> json)
    {
        using var content = JsonDocument.Parse(json, ResourceJson.DocumentOptions);
        return new UntypedResource(apiVersion, kind, metadata, content.RootElement.Clone());
    }

    private static string? NullWhenEmpty(string text) => text.Length == 0 ? null : text;

    private void Report(int line, int column, FindingCode code, string message, string kind = "", string name = "", string field = "") =>
        builder.AddFinding(file, line, column, code, message, kind, name, field);
}

/// <summary>What is known of a kind without a type: it has metadata.</summary>
internal sealed record UntypedShape
{
    public ObjectMeta? Metadata { get; init; }
}
