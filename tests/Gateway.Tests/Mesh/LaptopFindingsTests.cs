using Gateway.Parity;
using Istio.Documents;

namespace Gateway.Tests.Mesh;

/// <summary>Rules that rely on what only a cluster has are pointed out.</summary>
public sealed class LaptopFindingsTests
{
    [Theory]
    [InlineData("PeerAuthentication", "security.istio.io/v1", "{mtls: {mode: STRICT}}", "spec.mtls.mode")]
    [InlineData("PeerAuthentication", "security.istio.io/v1", "{mtls: {mode: PERMISSIVE}}", null)]
    [InlineData("Sidecar", "networking.istio.io/v1", "{egress: [{hosts: ['./*']}]}", "spec.egress")]
    [InlineData("Sidecar", "networking.istio.io/v1", "{}", null)]
    [InlineData("DestinationRule", "networking.istio.io/v1",
        "{host: a, trafficPolicy: {loadBalancer: {localityLbSetting: {enabled: true}}}}", "spec.trafficPolicy.loadBalancer.localityLbSetting")]
    [InlineData("DestinationRule", "networking.istio.io/v1", "{host: a, trafficPolicy: {loadBalancer: {localityLbSetting: {enabled: false}}}}", null)]
    [InlineData("DestinationRule", "networking.istio.io/v1",
        "{host: a, subsets: [{name: v1, trafficPolicy: {portLevelSettings: [{loadBalancer: {zoneAwareLbSetting: {enabled: true}}}]}}]}",
        "spec.subsets[0].trafficPolicy.portLevelSettings[0].loadBalancer.zoneAwareLbSetting")]
    public void A_rule_for_clusters_only_is_pointed_out(string kind, string version, string spec, string? field)
    {
        var findings = new List<Finding>();
        LaptopFindings.Add(
            ResourceReader.ReadText($"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n", "mesh.yaml"), findings);
        Assert.Equal(field is null ? [] : [("GWY012", field)], findings.Select(finding => (finding.Code, finding.Field)));
    }
}
