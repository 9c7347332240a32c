namespace Istio.Validation.Analysis;

/// <summary>Pods that the sidecar does not get on with.</summary>
internal static class PodAnalysis
{
    private const int ProxyUser = 1337;

    public static void Check(Mesh mesh)
    {
        foreach (var workload in mesh.Workloads.All)
        {
            CheckUser(mesh, workload);
        }
    }

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
