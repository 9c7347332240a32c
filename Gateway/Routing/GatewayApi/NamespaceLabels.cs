using System.Text.Json;
using Istio.Documents;
using Istio.GatewayApi;

namespace Gateway.Routing.GatewayApi;

/// <summary>The namespaces of the documents and their labels: listeners choose by them whose routes may bind.</summary>
internal sealed class NamespaceLabels
{
    // Kubernetes gives every namespace this label.
    private const string NameLabel = "kubernetes.io/metadata.name";

    private readonly Dictionary<string, Dictionary<string, string>> _labels = new(StringComparer.Ordinal);

    public NamespaceLabels(ResourceSet resources)
    {
        foreach (var document in resources.Documents)
        {
            Of(document.Namespace);
            if (document is { Kind: "Namespace", ApiVersion: "v1", Resource: UntypedResource untyped })
            {
                foreach (var (key, value) in untyped.Metadata.Labels)
                {
                    Of(document.Name)[key] = value;
                }
            }
        }
    }

    /// <summary>The namespaces whose routes a listener takes; <c>*</c> for all.</summary>
    public IEnumerable<string> Allowed(AllowedRoutes? routes, string own) => routes?.Namespaces?.From switch
    {
        null or FromNamespaces.Same => [own],
        FromNamespaces.All => ["*"],
        FromNamespaces.Selector when routes.Namespaces.Selector is { } selector =>
            _labels.Where(entry => Matches(selector, entry.Value)).Select(entry => entry.Key).Order(StringComparer.Ordinal),
        _ => [],
    };

    private Dictionary<string, string> Of(string name)
    {
        if (!_labels.TryGetValue(name, out var labels))
        {
            _labels[name] = labels = new(StringComparer.Ordinal) { [NameLabel] = name };
        }

        return labels;
    }

    private static bool Matches(LabelSelector selector, Dictionary<string, string> labels) =>
        selector.MatchLabels.All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value)
        && selector.MatchExpressions.All(requirement => Matches(requirement, labels.GetValueOrDefault(requirement.Key ?? "")));

    private static bool Matches(LabelSelectorRequirement requirement, string? value) => requirement.Operator switch
    {
        "In" => value is not null && requirement.Values.Contains(value),
        "NotIn" => value is null || !requirement.Values.Contains(value),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        _ => false,
    };
}

/// <summary>ReferenceGrants: which namespaces may name services of another one as backends.</summary>
internal sealed class ReferenceGrants
{
    private readonly ILookup<string, JsonElement> _grants;

    public ReferenceGrants(ResourceSet resources) => _grants = resources.OfType<UntypedResource>()
        .Where(pair => pair.Document.Kind == "ReferenceGrant"
            && pair.Document.ApiVersion.StartsWith("gateway.networking.k8s.io/", StringComparison.Ordinal))
        .ToLookup(pair => pair.Document.Namespace, pair => pair.Resource.Content, StringComparer.Ordinal);

    /// <summary>Whether HTTPRoutes of a namespace may name a Service of another one.</summary>
    public bool Allows(string from, string to, string service) => from == to || _grants[to].Any(grant =>
        Items(grant, "from").Any(item => Text(item, "kind") == "HTTPRoute" && Text(item, "namespace") == from)
        && Items(grant, "to").Any(item => Text(item, "kind") == "Service" && (Text(item, "name") ?? "") is var name
            && (name.Length == 0 || name == service)));

    private static JsonElement.ArrayEnumerator Items(JsonElement grant, string name) =>
        grant.TryGetProperty("spec", out var spec) && spec.ValueKind == JsonValueKind.Object
        && spec.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
