namespace Gateway.Metrics;

/// <summary>What metrics say of a workload.</summary>
/// <param name="Name">The workload: the Deployment's name in a cluster.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="App">Its label app; empty for none.</param>
/// <param name="Version">Its label version; empty for none.</param>
/// <param name="CanonicalService">Istio's name of the service that it belongs to.</param>
/// <param name="CanonicalRevision">Istio's name of its version.</param>
internal sealed record WorkloadIdentity(
    string Name, string Namespace, string App, string Version, string CanonicalService, string CanonicalRevision)
{
    /// <summary>The identity that labels give.</summary>
    /// <remarks>Istio pkg/kube/labels/labels.go</remarks>
    public static WorkloadIdentity Of(string name, string space, IReadOnlyDictionary<string, string> labels)
    {
        string? Label(string key) => labels.TryGetValue(key, out var value) && value.Length > 0 ? value : null;
        name = Label("service.istio.io/workload-name") ?? name;
        return new WorkloadIdentity(name, space, Label("app") ?? "", Label("version") ?? "",
            Label("service.istio.io/canonical-name") ?? Label("app.kubernetes.io/name") ?? Label("app") ?? name,
            Label("service.istio.io/canonical-revision") ?? Label("app.kubernetes.io/version") ?? Label("version") ?? "latest");
    }
}
