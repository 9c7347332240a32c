using Istio.Documents;

namespace Istio.Validation.Analysis;

/// <summary>Namespaces and pods of the documents: whether the mesh reaches them.</summary>
internal static class ClusterAnalysis
{
    private const string Injection = "istio-injection";
    private const string Revision = "istio.io/rev";
    private const string DataplaneMode = "istio.io/dataplane-mode";
    private const string PodInjection = "sidecar.istio.io/inject";
    private const int ProxyUser = 1337;

    private static readonly string[] SystemNamespaces = ["kube-system", "kube-public", "kube-node-lease", "istio-system"];

    public static void Check(Mesh mesh)
    {
        foreach (var (document, space) in mesh.Resources.OfType<UntypedResource>())
        {
            if (document is { Kind: "Namespace", ApiVersion: "v1" })
            {
                CheckNamespace(mesh, mesh.At(document)["metadata"], space.Metadata.Labels);
            }
        }

        foreach (var workload in mesh.Workloads.All)
        {
            CheckUser(mesh, workload);
        }
    }

    private static void CheckNamespace(Mesh mesh, Place at, EquatableDictionary<string> labels)
    {
        var wanted = new[] { Injection, Revision, DataplaneMode }.Where(labels.ContainsKey).ToArray();
        if (wanted.Length > 1 && labels.GetValueOrDefault(Injection, "enabled") == "enabled")
        {
            at["labels"].Report(AnalysisCodes.InjectionLabels,
                $"The labels {string.Join(" and ", wanted)} ask for different ways into the mesh; keep one.");
        }

        var name = at.Document.Name;
        if (labels.ContainsKey(Injection) || labels.ContainsKey(Revision) || labels.ContainsKey(DataplaneMode)
            || SystemNamespaces.Contains(name))
        {
            return;
        }

        var outside = mesh.Workloads.In(name).FirstOrDefault(workload =>
            workload.Pod is not null && !workload.Labels.ContainsKey(PodInjection) && !workload.Annotations.ContainsKey(PodInjection)
                && !workload.Labels.ContainsKey(Revision));
        if (outside is not null && mesh.Resources.Documents.Any(document => document.Namespace == name && IsMeshRule(document)))
        {
            at.Report(AnalysisCodes.NotInjected,
                $"Namespace {name} has Istio resources, but no label that gives its pods ({outside}) a sidecar; add the label "
                + $"{Injection}: enabled.");
        }
    }

    private static bool IsMeshRule(ResourceDocument document) => document.Resource switch
    {
        Networking.VirtualService service => VirtualServiceRoutes.IsForMesh(service.Spec),
        Networking.Sidecar or Security.AuthorizationPolicy or Security.PeerAuthentication or Security.RequestAuthentication => true,
        _ => false,
    };

    private static void CheckUser(Mesh mesh, Workload workload)
    {
        if (workload.Pod is not { } pod)
        {
            return;
        }

        var at = mesh.At(workload.Document);
        ReportUser(at with { Path = workload.PodPath }, Json.Number(pod, "securityContext", "runAsUser"));
        foreach (var (container, path) in workload.Containers())
        {
            if (Json.Text(container, "name") != "istio-proxy")
            {
                ReportUser(at with { Path = path }, Json.Number(container, "securityContext", "runAsUser"));
            }
        }
    }

    private static void ReportUser(Place at, double? user)
    {
        if (user == ProxyUser)
        {
            at["securityContext"]["runAsUser"].Report(AnalysisCodes.ReservedUser,
                "User 1337 is the sidecar's own, whose traffic passes it by; run the application as another user.");
        }
    }
}
