using Istio.Documents;

namespace Istio.Validation.Admission;

/// <summary>
/// What a policy holds for: labels of workloads, or references to Services, ServiceEntries and gateways.
/// Source: https://istio.io/latest/docs/reference/config/type/workload-selector/
/// </summary>
internal static class PolicyTargetRules
{
    private static readonly (string Group, string Kind)[] Targets =
    [
        ("", "Service"), ("core", "Service"), ("networking.istio.io", "ServiceEntry"),
        ("gateway.networking.k8s.io", "Gateway"), ("gateway.networking.k8s.io", "GatewayClass"),
    ];

    public static void Check(Place at, WorkloadSelector? selector, PolicyTargetReference? target,
        EquatableArray<PolicyTargetReference> targets)
    {
        var ways = new[] { ("selector", selector is not null), ("targetRef", target is not null), ("targetRefs", !targets.IsEmpty) }
            .Where(way => way.Item2).Select(way => way.Item1).ToArray();
        if (ways.Length > 1)
        {
            at[ways[1]].Reject($"{string.Join(" and ", ways)} exclude each other; keep one of them.");
        }

        if (selector is not null)
        {
            SharedRules.CheckSelectorLabels(at["selector"]["matchLabels"], selector.MatchLabels);
        }

        if (target is not null)
        {
            CheckTarget(at["targetRef"], target);
        }

        CheckTargets(at["targetRefs"], targets);
    }

    public static void CheckTargets(Place at, EquatableArray<PolicyTargetReference> targets)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            CheckTarget(at[i], targets[i]);
        }
    }

    private static void CheckTarget(Place at, PolicyTargetReference target)
    {
        SharedRules.Required(at, "name", !string.IsNullOrEmpty(target.Name), "name the resource that the policy is for.");
        if (!string.IsNullOrEmpty(target.Namespace))
        {
            at["namespace"].Reject("A policy targets resources of its own namespace; remove namespace.");
        }

        if (!Targets.Contains((target.Group ?? "", target.Kind ?? "")))
        {
            at.Reject($"A policy cannot target {(string.IsNullOrEmpty(target.Group) ? "" : target.Group + "/")}{target.Kind}; "
                + "target a Service, networking.istio.io/ServiceEntry, gateway.networking.k8s.io/Gateway or its GatewayClass.");
        }
    }
}
