namespace Istio.Validation.Analysis;

/// <summary>Runs what <c>istioctl analyze</c> checks.</summary>
internal static class AnalysisRules
{
    public static void Check(Mesh mesh)
    {
        DestinationReferences.Check(mesh);
        GatewayReferences.Check(mesh);
        BackendReferences.Check(mesh);
        HostConflicts.Check(mesh);
        Reachability.Check(mesh);
        GatewayAnalysis.Check(mesh);
        SelectorAnalysis.Check(mesh);
        ServicePortAnalysis.Check(mesh);
        ServiceEntryAnalysis.Check(mesh);
        TlsAnalysis.Check(mesh);
        EnvoyFilterAnalysis.Check(mesh);
        InjectionAnalysis.Check(mesh);
        PodAnalysis.Check(mesh);
        InstallationAnalysis.Check(mesh);
        StatusAnalysis.Check(mesh);
        PolicyAnalysis.Check(mesh);
        AnnotationAnalysis.Check(mesh);
    }
}
