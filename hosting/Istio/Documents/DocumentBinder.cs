using Istio.Yaml;

namespace Istio.Documents;

/// <summary>Turns the trees of one file into typed resources, flattening lists, with findings for what does not fit.</summary>
internal sealed class DocumentBinder(ResourceSetBuilder builder, string file)
{
    private const string ListSuffix = "List";

    /// <summary>Adds a document, or the items of a list (<c>kind: List</c>, <c>VirtualServiceList</c> ...).</summary>
    public void Add(YamlNode root) => Add(root, "", "");

    private void Add(YamlNode root, string inheritedVersion, string inheritedKind)
    {
        if (root is not YamlMapping mapping)
        {
            Report(
                (root.Line, root.Column), ReaderCodes.NotAResource,
                $"The document is {root.Description}; a resource is a mapping with apiVersion, kind and metadata.");
            return;
        }

        var apiVersion = ResourceHeader.Text(mapping["apiVersion"]) is { Length: > 0 } version ? version : inheritedVersion;
        var kind = ResourceHeader.Text(mapping["kind"]) is { Length: > 0 } own ? own : inheritedKind;
        if (IsList(mapping, kind, out var items))
        {
            var (itemVersion, itemKind) = kind == ListSuffix ? ("", "") : (apiVersion, kind[..^ListSuffix.Length]);
            foreach (var item in items)
            {
                Add(item, itemVersion, itemKind);
            }
        }
        else if (HasIdentity(mapping, apiVersion, kind))
        {
            Bind(inheritedKind.Length == 0 ? mapping : WithIdentity(mapping, apiVersion, kind), apiVersion, kind);
        }
    }

    /// <summary>A list that has nothing has <c>items: []</c>, or null, or (as Go writes it) no items at all.</summary>
    private static bool IsList(YamlMapping root, string kind, out IReadOnlyList<YamlNode> items)
    {
        var isList = kind.EndsWith(ListSuffix, StringComparison.Ordinal) && ResourceHeader.Metadata(root)?["name"] is null;
        items = isList && root["items"] is YamlSequence sequence ? sequence.Items : [];
        return isList && (items.Count > 0 || root["items"] is YamlSequence or YamlScalar { Kind: ScalarKind.Null }
            || (kind == ListSuffix && root["items"] is null));
    }

    /// <summary>An item of a typed list may leave out what the list says.</summary>
    private static YamlMapping WithIdentity(YamlMapping item, string apiVersion, string kind)
    {
        var whole = new YamlMapping(item.Line, item.Column);
        foreach (var (key, value) in new[] { ("apiVersion", apiVersion), ("kind", kind) })
        {
            if (item.Find(key) is null)
            {
                var scalar = new YamlScalar(ScalarKind.String, value, value, item.Line, item.Column);
                whole.Add(new YamlEntry(key, item.Line, item.Column, scalar));
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
        var isSound = true;
        foreach (var (field, value) in new[] { ("apiVersion", apiVersion), ("kind", kind) })
        {
            if (value.Length == 0)
            {
                isSound = false;
                var message = root[field] is { } wrong
                    ? $"is {wrong.Description}; it must be text."
                    : "is missing; every Kubernetes resource has one.";
                Report(YamlLocator.Locate(root, field), ReaderCodes.NotAResource, message, kind, name, field);
            }
        }

        if (isSound && name.Length == 0 && !ResourceHeader.MayBeNameless(root, apiVersion, kind))
        {
            isSound = false;
            ReportMissingName(root, kind);
        }

        return isSound;
    }

    private void ReportMissingName(YamlMapping root, string kind)
    {
        var message = ResourceHeader.Metadata(root)?["name"] switch
        {
            null => "is missing; every Kubernetes resource has one.",
            YamlScalar { Kind: ScalarKind.String or ScalarKind.Null } => "is empty; every Kubernetes resource has a name.",
            YamlScalar scalar => $"is {scalar.Description}; it must be text: write \"{scalar.Source}\" in quotes.",
            var node => $"is {node.Description}; it must be text.",
        };
        Report(YamlLocator.Locate(root, "metadata.name"), ReaderCodes.NoName, message, kind, "", "metadata.name");
    }

    private void Bind(YamlMapping root, string apiVersion, string kind)
    {
        var (_, name) = ResourceHeader.Peek(root);
        var type = FindType(root, apiVersion, kind, name);
        var check = new SchemaCheck();
        check.Check(root, Schema.Of(type?.Type ?? typeof(UntypedShape)));
        foreach (var (field, line, column, message) in check.Misfits)
        {
            Report((line, column), ReaderCodes.Schema, message, kind, name, field);
        }

        var resource = type is not null && check.CanBind ? Read(type, root) : null;
        var metadata = (resource as Resource)?.Metadata ?? ReadMetadata(root, check.CanBind);
        resource ??= new UntypedResource(apiVersion, kind, metadata, NodeBinder.ToElement(root));
        builder.AddDocument(new ResourceDocument(file, apiVersion, kind, metadata, resource, root)
        {
            UnknownFields = type is null ? [] : [.. check.UnknownFields],
        });
    }

    private ResourceType? FindType(YamlMapping root, string apiVersion, string kind, string name)
    {
        var (group, version) = ResourceTypes.SplitApiVersion(apiVersion);
        var type = ResourceTypes.Find(group, kind);
        if (type is null || type.Versions.Contains(version))
        {
            return type;
        }

        var known = string.Join(", ", type.Versions.Select(known => group.Length == 0 ? known : $"{group}/{known}"));
        Report(
            YamlLocator.Locate(root, "apiVersion"), ReaderCodes.UnknownVersion,
            $"{kind} has no version {version}; it is read as {known}.", kind, name, "apiVersion");
        return null;
    }

    private object? Read(ResourceType type, YamlMapping root)
    {
        try
        {
            return NodeBinder.Bind(root, Schema.Of(type.Type));
        }
        catch (FormatException exception)
        {
            // The schema check leaves only what a model of KubernetesClient refuses on its own account.
            var (kind, name) = ResourceHeader.Peek(root);
            Report((root.Line, root.Column), ReaderCodes.Schema, $"{kind} cannot be read: {exception.Message}", kind, name);
            return null;
        }
    }

    private static ObjectMeta ReadMetadata(YamlMapping root, bool fits)
    {
        var metadata = ResourceHeader.Metadata(root);
        return metadata is null ? ObjectMeta.Empty
            : fits ? (ObjectMeta)NodeBinder.Bind(metadata, Schema.Of(typeof(ObjectMeta)))!
            : new ObjectMeta { Name = TextOrNull(metadata["name"]), Namespace = TextOrNull(metadata["namespace"]) };
    }

    private static string? TextOrNull(YamlNode? node) => ResourceHeader.Text(node) is { Length: > 0 } text ? text : null;

    private void Report(
        (int Line, int Column) position, FindingCode code, string message, string kind = "", string name = "", string field = "") =>
        builder.AddFinding(file, position.Line, position.Column, code, message, kind, name, field);
}

/// <summary>What is known of a kind without a type: it has metadata.</summary>
internal sealed record UntypedShape
{
    public ObjectMeta? Metadata { get; init; }
}
