using System.Buffers;
using Istio.Yaml;

namespace Istio.Documents;

/// <summary>The identity of a document, read before it is known to be sound.</summary>
internal static class ResourceHeader
{
    private static readonly string[] Members = ["apiVersion", "kind", "metadata", "spec"];

    // Configuration of tools in the shape of resources, which no API server sees: their name is optional.
    private static readonly string[] ToolGroups = ["kustomize.config.k8s.io", "install.istio.io"];

    // Questions to the API server, which it answers and does not keep: they have no name.
    private static readonly string[] ReviewGroups = ["authentication.k8s.io", "authorization.k8s.io", "admission.k8s.io"];

    // Groups whose kinds are all objects that a cluster keeps.
    private static readonly string[] ClusterGroups =
    [
        "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "apiextensions.k8s.io",
        "admissionregistration.k8s.io", "storage.k8s.io", "discovery.k8s.io", "gateway.networking.k8s.io", "networking.istio.io",
        "security.istio.io", "telemetry.istio.io", "extensions.istio.io",
    ];

    /// <summary>Kind and name as far as they are text; empty otherwise.</summary>
    public static (string Kind, string Name) Peek(YamlMapping? root) => (Text(root?["kind"]), Text(Metadata(root)?["name"]));

    /// <summary>The metadata when it is a mapping.</summary>
    public static YamlMapping? Metadata(YamlMapping? root) => root?["metadata"] as YamlMapping;

    /// <summary>The text of a string scalar; empty for anything else.</summary>
    public static string Text(YamlNode? node) => node is YamlScalar { Kind: ScalarKind.String } scalar ? scalar.Text : "";

    /// <summary>
    /// False for what no one means as a resource of a cluster: values of a chart, a compose file, a list of JSON patches, or the
    /// configuration of a tool that has a version and a kind but no metadata (a kubeconfig, for example).
    /// </summary>
    public static bool IsResource(YamlNode root)
    {
        if (root is not YamlMapping mapping || Members.Count(member => mapping[member] is not null) < 2)
        {
            return false;
        }

        var (apiVersion, kind) = (Text(mapping["apiVersion"]), Text(mapping["kind"]));
        var (group, _) = ResourceTypes.SplitApiVersion(apiVersion);
        return mapping["metadata"] is not null || ToolGroups.Contains(group) || ReviewGroups.Contains(group)
            || apiVersion.Length == 0 || kind.Length == 0 || kind.EndsWith("List", StringComparison.Ordinal)
            || ClusterGroups.Contains(group) || (group.Length == 0 && apiVersion == "v1" && kind != "Config");
    }

    /// <summary>True for a resource whose name the cluster makes, and for what has none.</summary>
    public static bool MayBeNameless(YamlMapping root, string apiVersion, string kind)
    {
        var (group, _) = ResourceTypes.SplitApiVersion(apiVersion);
        return (Metadata(root) is { } metadata && metadata["name"] is null && Text(metadata["generateName"]).Length > 0)
            || ToolGroups.Contains(group)
            || (ReviewGroups.Contains(group) && kind.EndsWith("Review", StringComparison.Ordinal));
    }
}

/// <summary>Recognises a template that happens to be YAML, by placeholders where no resource has such text.</summary>
internal static class TemplateHeader
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>The first placeholder in a resource's identity, or anywhere in a resource of a type known here.</summary>
    public static (int Line, int Column)? Find(YamlMapping root)
    {
        var kind = root["kind"];
        var (group, _) = ResourceTypes.SplitApiVersion(ResourceHeader.Text(root["apiVersion"]));
        return ResourceTypes.Find(group, ResourceHeader.Text(kind)) is not null
            ? FindIn(root)
            : FindIn(kind) ?? FindIn(ResourceHeader.Metadata(root)?["name"]) ?? FindIn(ResourceHeader.Metadata(root)?["namespace"]);
    }

    private static (int Line, int Column)? FindIn(YamlNode? node)
    {
        switch (node)
        {
            case YamlScalar { Kind: ScalarKind.String } scalar when IsPlaceholder(scalar.Text):
                return (scalar.Line, scalar.Column);
            case YamlMapping mapping:
                foreach (var entry in mapping.Entries)
                {
                    if (IsPlaceholder(entry.Key))
                    {
                        return (entry.Line, entry.Column);
                    }

                    if (FindIn(entry.Value) is { } place)
                    {
                        return place;
                    }
                }

                return null;
            case YamlSequence sequence:
                foreach (var item in sequence.Items)
                {
                    if (FindIn(item) is { } place)
                    {
                        return place;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    /// <summary>
    /// {{ }} of Helm, Go and Jinja, ${NAME} of a shell, $(NAME) of kustomize, on one line; longer text may be a program or a dashboard.
    /// </summary>
    private static bool IsPlaceholder(string text)
    {
        var dollar = text.AsSpan().IndexOfAny("$") is var at and >= 0 && at + 2 < text.Length && text[at + 1] is '{' or '(' ? at : -1;
        return !text.Contains('\n', StringComparison.Ordinal)
            && ((text.Contains("{{", StringComparison.Ordinal) && text.Contains("}}", StringComparison.Ordinal))
                || (dollar >= 0 && IsName(text.AsSpan(dollar + 2), text[dollar + 1] == '{' ? '}' : ')')));
    }

    private static bool IsName(ReadOnlySpan<char> text, char end)
    {
        var length = text.IndexOf(end);
        return length > 0 && char.IsAsciiLetter(text[0]) && !text[..length].ContainsAnyExcept(NameCharacters);
    }
}
