using Istio.Documents;
using Istio.Networking;

namespace Istio.Validation.Analysis;

/// <summary>Sidecar resources for workloads that have none, because they are in the mesh without a sidecar (ambient mode).</summary>
internal static class AmbientAnalysis
{
    /// <summary>Reports them, and gives the namespaces in ambient mode.</summary>
    public static IReadOnlySet<string> Check(Mesh mesh)
    {
        var spaces = mesh.Resources.OfType<UntypedResource>()
            .Where(pair => pair.Document is { Kind: "Namespace", ApiVersion: "v1" } && IsAmbient(pair.Resource.Metadata.Labels))
            .Select(pair => pair.Document.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (document, sidecar) in mesh.Resources.OfType<Sidecar>())
        {
            var labels = sidecar.Spec.WorkloadSelector?.Labels ?? default;
            var isAmbient = labels.IsEmpty
                ? spaces.Contains(document.Namespace)
                : mesh.Workloads.Select(document.Namespace, labels).Any(IsAmbient);
            if (isAmbient)
            {
                mesh.At(document)["spec"].Report(AnalysisCodes.IneffectivePolicy,
                    $"The workloads of {(labels.IsEmpty ? $"namespace {document.Namespace}" : "the selector")} are in ambient mode and "
                    + "have no sidecar, so the resource does nothing; remove it.");
            }
        }

        return spaces;
    }

    /// <summary>True when a namespace's labels ask for ambient mode and for no sidecar, which would win.</summary>
    public static bool IsAmbient(EquatableDictionary<string> labels) =>
        labels.GetValueOrDefault("istio.io/dataplane-mode") == "ambient" && labels.GetValueOrDefault("istio-injection") != "enabled"
        && string.IsNullOrEmpty(labels.GetValueOrDefault("istio.io/rev"));

    private static bool IsAmbient(Workload workload) => workload.Annotations.GetValueOrDefault("ambient.istio.io/redirection") == "enabled";
}
