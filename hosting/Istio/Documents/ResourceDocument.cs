using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Istio.Yaml;

namespace Istio.Documents;

/// <summary>One resource as a file holds it: the typed object, and where each of its fields stands.</summary>
public sealed record ResourceDocument
{
    private readonly YamlMapping _root;
    private readonly Lazy<JsonObject> _json;

    internal ResourceDocument(string file, string apiVersion, string kind, ObjectMeta metadata, object resource, YamlMapping root)
    {
        _root = root;
        _json = new Lazy<JsonObject>(() => (JsonObject)JsonNode.Parse(ResourceJson.ToUtf8(root).Span, null, ResourceJson.DocumentOptions)!);
        ApiVersion = apiVersion;
        Kind = kind;
        Name = metadata.Name ?? "";
        Namespace = string.IsNullOrEmpty(metadata.Namespace) ? DefaultNamespace : metadata.Namespace;
        Resource = resource;
        Location = new SourceLocation(file, root.Line, root.Column);
    }

    /// <summary>The namespace of a document that names none.</summary>
    public const string DefaultNamespace = "default";

    /// <summary>API group and version, as the file spells it.</summary>
    public string ApiVersion { get; }

    /// <summary>The kind within the group.</summary>
    public string Kind { get; }

    /// <summary><c>metadata.name</c>; empty when the cluster is to make one of <c>metadata.generateName</c>.</summary>
    public string Name { get; }

    /// <summary><c>metadata.namespace</c>, or <see cref="DefaultNamespace"/>.</summary>
    public string Namespace { get; }

    /// <summary>False for a document that leaves its namespace to whoever applies it.</summary>
    internal bool NamesNamespace => ResourceHeader.Text(ResourceHeader.Metadata(_root)?["namespace"]).Length > 0;

    /// <summary>
    /// The typed object: a record of this library, <c>V1Ingress</c> or <c>V1Service</c> of KubernetesClient, or an
    /// <see cref="UntypedResource"/> for every other kind and for a document that does not fit its kind's schema.
    /// </summary>
    public object Resource { get; }

    /// <summary>Where the document begins.</summary>
    public SourceLocation Location { get; }

    /// <summary>
    /// Paths of the fields that the kind's schema does not know. The API server drops them, or rejects the resource when strict.
    /// </summary>
    public ImmutableArray<string> UnknownFields { get; internal init; } = [];

    /// <summary>The document as a tree.</summary>
    internal YamlMapping Root => _root;

    /// <summary>True when a controller has reported on it.</summary>
    internal bool HasStatus => _root["status"] is YamlMapping;

    /// <summary>The document as JSON, aliases and merge keys resolved. Do not change it.</summary>
    public JsonObject Json => _json.Value;

    /// <summary>
    /// Where a field stands, for example <c>spec.http[0].match[1].uri.prefix</c>: its key, or the list item itself. A path that leads
    /// nowhere gives the nearest existing part of it, so a missing field is located at its parent.
    /// </summary>
    public SourceLocation Locate(string fieldPath)
    {
        var (line, column) = YamlLocator.Locate(_root, fieldPath);
        return new SourceLocation(Location.File, line, column);
    }
}

/// <summary>All resources of some files, and what is wrong with the files.</summary>
/// <param name="Documents">The resources, in the order of the files.</param>
/// <param name="Findings">What cannot be read or does not fit a schema, in the order of the files.</param>
public sealed record ResourceSet(ImmutableArray<ResourceDocument> Documents, ImmutableArray<Finding> Findings)
{
    /// <summary>Files met in folders that hold something else than resources, such as the values of a chart.</summary>
    public ImmutableArray<string> SkippedFiles { get; init; } = [];

    /// <summary>The resources of one type, each with its document.</summary>
    public IEnumerable<(ResourceDocument Document, T Resource)> OfType<T>()
    {
        foreach (var document in Documents)
        {
            if (document.Resource is T resource)
            {
                yield return (document, resource);
            }
        }
    }
}
