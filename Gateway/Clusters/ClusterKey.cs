namespace Gateway.Clusters;

/// <summary>Names a cluster: a port of a service, or of one of its subsets.</summary>
/// <param name="Host">The service's full name, such as <c>ping.default.svc.cluster.local</c>.</param>
/// <param name="Port">The service's port.</param>
/// <param name="Subset">The subset of the service's DestinationRule; empty for the whole service.</param>
internal readonly record struct ClusterKey(string Host, int Port, string Subset = "")
{
    /// <summary>Istio's name of the cluster, such as <c>outbound|8080|v1|ping.default.svc.cluster.local</c>.</summary>
    public override string ToString() => $"outbound|{Port}|{Subset}|{Host}";
}
