using System.Text.Json;

namespace Istio.Validation;

/// <summary>
/// Kubernetes' label selectors, as JSON. Source:
/// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
/// </summary>
internal static class LabelSelectors
{
    /// <summary>True when labels satisfy the selector that a member holds; an absent or empty one selects all.</summary>
    public static bool Matches(JsonElement owner, string member, IReadOnlyDictionary<string, string> labels) =>
        !Json.TryGet(owner, out var selector, member)
        || (Json.Texts(selector, "matchLabels").All(label => labels.GetValueOrDefault(label.Key) == label.Value)
            && Json.Items(selector, "matchExpressions").All(expression => Satisfies(expression, labels)));

    private static bool Satisfies(JsonElement expression, IReadOnlyDictionary<string, string> labels)
    {
        var has = labels.TryGetValue(Json.Text(expression, "key") ?? "", out var value);
        var isOne = has
            && Json.Items(expression, "values").Any(item => item.ValueKind == JsonValueKind.String && item.GetString() == value);
        return Json.Text(expression, "operator") switch
        {
            "In" => isOne,
            "NotIn" => !isOne,
            "Exists" => has,
            "DoesNotExist" => !has,
            _ => false,
        };
    }
}
