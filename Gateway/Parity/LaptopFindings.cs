using Gateway.Mesh;
using Istio.Documents;
using Istio.Networking;
using Istio.Security;

namespace Gateway.Parity;

/// <summary>Says of documents which of their rules rely on what no laptop has.</summary>
internal static class LaptopFindings
{
    public static readonly FindingCode Code = new(
        "GWY012", Severity.Warning, "Only a cluster has this",
        "The rule relies on mutual TLS, on localities or on a proxy for each caller. It is published and has no effect here.",
        "kind: PeerAuthentication\nspec: {mtls: {mode: STRICT}}", "Nothing, if the cluster is meant; try it there.");

    /// <summary>Adds what is found.</summary>
    public static void Add(ResourceSet resources, List<Finding> findings)
    {
        foreach (var (document, policy) in resources.OfType<PeerAuthentication>())
        {
            if (policy.Spec.Mtls?.Mode == MutualTlsMode.Strict)
            {
                findings.Add(document.At("spec.mtls.mode", Code, "there is no mutual TLS here: plain requests are taken, as with PERMISSIVE"));
            }
        }

        foreach (var (document, sidecar) in resources.OfType<Sidecar>())
        {
            if (!sidecar.Spec.Egress.IsEmpty)
            {
                findings.Add(document.At("spec.egress", Code, "all callers share a gateway: they see hosts that this leaves out"));
            }
        }

        foreach (var (document, rule) in resources.OfType<DestinationRule>())
        {
            AddLocalities(document, "spec.trafficPolicy", rule.Spec.TrafficPolicy, findings);
            for (var i = 0; i < rule.Spec.Subsets.Count; i++)
            {
                AddLocalities(document, $"spec.subsets[{i}].trafficPolicy", rule.Spec.Subsets[i].TrafficPolicy, findings);
            }
        }
    }

    private static void AddLocalities(ResourceDocument document, string field, TrafficPolicy? policy, List<Finding> findings)
    {
        AddLocalities(document, field, policy?.LoadBalancer, findings);
        for (var i = 0; policy is not null && i < policy.PortLevelSettings.Count; i++)
        {
            AddLocalities(document, $"{field}.portLevelSettings[{i}]", policy.PortLevelSettings[i].LoadBalancer, findings);
        }
    }

    private static void AddLocalities(ResourceDocument document, string field, LoadBalancerSettings? settings, List<Finding> findings)
    {
        var name = settings switch
        {
            { LocalityLbSetting.Enabled: not false } => "localityLbSetting",
            { ZoneAwareLbSetting.Enabled: not false } => "zoneAwareLbSetting",
            _ => null,
        };
        if (name is not null)
        {
            findings.Add(document.At($"{field}.loadBalancer.{name}", Code, "all endpoints are in one locality here"));
        }
    }
}
