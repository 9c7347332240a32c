using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a DestinationRule.
/// Source: https://istio.io/latest/docs/reference/config/networking/destination-rule/
/// </summary>
internal static class DestinationRuleRules
{
    public static void Check(Place at, DestinationRule rule)
    {
        var (place, spec) = (at["spec"], rule.Spec);
        if (spec.Host is { } host)
        {
            place["host"].Reject(DnsNames.CheckWildcard(host));
        }
        else
        {
            place["host"].Reject("host is missing; name the service that the rule is for.");
        }

        TrafficPolicyRules.Check(place["trafficPolicy"], spec.TrafficPolicy);
        CheckSubsets(place["subsets"], spec.Subsets);
        CheckExportTo(place, spec);
        if (spec.WorkloadSelector is { } selector)
        {
            SharedRules.CheckSelectorLabels(place["workloadSelector"]["matchLabels"], selector.MatchLabels);
        }
    }

    private static void CheckSubsets(Place at, EquatableArray<Subset> subsets)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < subsets.Count; i++)
        {
            var subset = subsets[i];
            if (string.IsNullOrEmpty(subset.Name))
            {
                at[i]["name"].Reject("The subset has no name; add name, by which routes refer to it.");
            }
            else if (!DnsNames.IsLabel(subset.Name))
            {
                at[i]["name"].Reject($"\"{subset.Name}\" is not a subset name; use letters, digits and hyphens.");
            }
            else if (!names.Add(subset.Name))
            {
                at[i]["name"].Reject($"There are two subsets \"{subset.Name}\"; rename or remove one.");
            }

            SharedRules.CheckLabels(at[i]["labels"], subset.Labels);
            TrafficPolicyRules.Check(at[i]["trafficPolicy"], subset.TrafficPolicy);
        }
    }

    private static void CheckExportTo(Place at, DestinationRuleSpec spec)
    {
        SharedRules.CheckExportTo(at["exportTo"], spec.ExportTo);
        if (spec.WorkloadSelector is not null && spec.ExportTo.Any(space => space != "." && space != at.Document.Namespace))
        {
            at["exportTo"].Reject(
                "A DestinationRule with workloadSelector holds in its own namespace only; remove exportTo or write \".\".");
        }
    }
}
