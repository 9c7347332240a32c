using Gateway.Mesh;
using Istio.Documents;

namespace Gateway.Policies;

/// <summary>To which proxies a policy applies: by namespace, and there by selector or by targetRefs.</summary>
/// <remarks>Istio pilot/pkg/model/policyattachment.go (ShouldAttachPolicy)</remarks>
internal static class PolicyScope
{
    /// <summary>The namespace whose policies apply to all namespaces; Istio's default, and where its gateway is installed.</summary>
    public const string RootNamespace = "istio-system";

    // A gateway that Istio has made for a Gateway of the Kubernetes Gateway API has its name in this label.
    private const string GatewayName = "gateway.networking.k8s.io/gateway-name";
    private const string GatewayGroup = "gateway.networking.k8s.io";

    /// <summary>Whether a policy applies to a proxy.</summary>
    /// <param name="document">The policy's document.</param>
    /// <param name="labels">The labels of its selector; null for no selector.</param>
    /// <param name="targets">Its targetRefs.</param>
    /// <param name="place">The proxy.</param>
    public static bool Covers(
        ResourceDocument document, IReadOnlyDictionary<string, string>? labels, EquatableArray<PolicyTargetReference> targets,
        ProxyPlace place)
    {
        if (document.Namespace != RootNamespace && document.Namespace != place.Namespace)
        {
            return false;
        }

        if (targets.IsEmpty)
        {
            return labels is null || labels.All(label => place.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
        }

        return place.Labels.TryGetValue(GatewayName, out var name) && document.Namespace == place.Namespace
            && targets.Any(target => target.Kind == "Gateway" && target.Group == GatewayGroup && target.Name == name
                && (string.IsNullOrEmpty(target.Namespace) || target.Namespace == place.Namespace));
    }

    /// <summary>The labels of a selector; null for none, which selects everything.</summary>
    public static IReadOnlyDictionary<string, string>? Labels(WorkloadSelector? selector) => selector?.MatchLabels;

    /// <summary>All targets; the single one is the older spelling, which counts without the list.</summary>
    public static EquatableArray<PolicyTargetReference> Targets(
        EquatableArray<PolicyTargetReference> targets, PolicyTargetReference? target) =>
        targets.IsEmpty && target is not null ? [target] : targets;

    /// <summary>Whether only a waypoint would enforce the policy.</summary>
    public static bool IsForWaypoint(EquatableArray<PolicyTargetReference> targets) =>
        !targets.IsEmpty && targets.All(target => target.Kind != "Gateway");

    /// <summary>The finding about such a policy.</summary>
    public static Finding IgnoredTargets(ResourceDocument document) =>
        document.At("spec.targetRefs", PolicyCodes.WaypointPolicy, "only a waypoint enforces this policy; it is ignored here");

    /// <summary>The order in which Istio takes policies: the oldest first, those of one age by name.</summary>
    public static IOrderedEnumerable<(ResourceDocument Document, T Resource)> InOrder<T>(
        IEnumerable<(ResourceDocument Document, T Resource)> policies)
        where T : Resource => policies
        .OrderBy(policy => policy.Resource.Metadata.CreationTimestamp ?? "", StringComparer.Ordinal)
        .ThenBy(policy => $"{policy.Document.Name}.{policy.Document.Namespace}", StringComparer.Ordinal);
}
