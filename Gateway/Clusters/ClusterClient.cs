using Istio.Documents;

namespace Gateway.Clusters;

/// <summary>The proxy whose clusters are compiled: which rules count depends on where it stands.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Labels">Its labels, which a DestinationRule's workloadSelector looks at.</param>
/// <param name="IsGateway">Whether it is a gateway; else it is a sidecar.</param>
internal sealed record ClusterClient(string Namespace, EquatableDictionary<string> Labels = default, bool IsGateway = false)
{
    /// <summary>Istio's root namespace, where rules for the whole mesh stand.</summary>
    public const string RootNamespace = "istio-system";
}
