using Istio.Documents;

namespace Gateway.Clusters;

/// <summary>What the gateway finds wrong in DestinationRules.</summary>
internal static class ClusterCodes
{
    public static readonly FindingCode TableSize = new(
        "GWY040", Severity.Warning, "Maglev table size is no prime",
        "Envoy accepts only a prime number up to 5000011 as size of a Maglev table and rejects the cluster otherwise.",
        "maglev: {tableSize: 65536}", "Use a prime, or leave it out for 65537.");
}
