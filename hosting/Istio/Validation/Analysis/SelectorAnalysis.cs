using Istio.Documents;
using Istio.Networking;
using Istio.Security;

namespace Istio.Validation.Analysis;

/// <summary>What the selectors of Sidecars, Telemetries and policies find among the workloads of the documents.</summary>
internal static class SelectorAnalysis
{
    private const string GatewayNameLabel = "gateway.networking.k8s.io/gateway-name";

    public static void Check(Mesh mesh)
    {
        CheckExclusive(mesh, "workloadSelector", AnalysisCodes.ConflictingSidecars, AnalysisCodes.SidecarsWithoutSelector,
            mesh.Resources.OfType<Sidecar>()
                .Select(pair => (pair.Document, pair.Resource.Spec.WorkloadSelector?.Labels ?? default, false)));
        CheckExclusive(mesh, "selector", AnalysisCodes.ConflictingTelemetries, AnalysisCodes.TelemetriesWithoutSelector,
            mesh.Resources.OfType<Telemetry.Telemetry>().Select(pair => (pair.Document, pair.Resource.Spec.Selector?.MatchLabels ?? default,
                pair.Resource.Spec.TargetRef is not null || !pair.Resource.Spec.TargetRefs.IsEmpty)));
        foreach (var (document, labels) in Policies(mesh))
        {
            CheckPolicy(mesh, mesh.At(document)["spec"]["selector"], labels);
        }
    }

    private static IEnumerable<(ResourceDocument Document, EquatableDictionary<string> Labels)> Policies(Mesh mesh) =>
        mesh.Resources.OfType<AuthorizationPolicy>().Select(pair => (pair.Document, pair.Resource.Spec.Selector?.MatchLabels ?? default))
            .Concat(mesh.Resources.OfType<RequestAuthentication>()
            .Select(pair => (pair.Document, pair.Resource.Spec.Selector?.MatchLabels ?? default)))
            .Concat(mesh.Resources.OfType<PeerAuthentication>()
            .Select(pair => (pair.Document, pair.Resource.Spec.Selector?.MatchLabels ?? default)))
            .Where(pair => !pair.Item2.IsEmpty);

    /// <summary>Kinds of which one resource counts for a workload: one without selector for a namespace, one with selector for a
    /// workload.</summary>
    private static void CheckExclusive(
        Mesh mesh, string field, FindingCode conflict, FindingCode several,
            IEnumerable<(ResourceDocument Document, EquatableDictionary<string> Labels, bool HasTarget)> resources)
    {
        foreach (var group in resources.Where(entry => !entry.HasTarget).GroupBy(entry => entry.Document.Namespace, StringComparer.Ordinal))
        {
            var general = group.Where(entry => entry.Labels.IsEmpty).Select(entry => entry.Document).ToArray();
            foreach (var document in general.Length > 1 ? general : [])
            {
                mesh.At(document)["spec"].Report(several,
                    $"Namespace {group.Key} has {general.Length} {document.Kind} resources without {field} "
                    + $"({string.Join(", ", general.Select(other => other.Name))}); keep one.");
            }

            CheckOverlap(mesh, field, conflict,
                [.. group.Where(entry => !entry.Labels.IsEmpty).Select(entry => (entry.Document, entry.Labels))]);
        }
    }

    private static void CheckOverlap(Mesh mesh, string field, FindingCode conflict,
        (ResourceDocument Document, EquatableDictionary<string> Labels)[] resources)
    {
        var selected = resources.Select(entry
            => (entry.Document, entry.Labels, Workloads: mesh.Workloads.Select(entry.Document.Namespace, entry.Labels))).ToArray();
        var byWorkload = selected.SelectMany(entry => entry.Workloads.Select(workload => (workload, entry.Document)))
            .ToLookup(pair => pair.workload, pair => pair.Document);
        foreach (var (document, labels, workloads) in selected)
        {
            if (workloads.Count == 0 && mesh.Workloads.In(document.Namespace).Any())
            {
                mesh.At(document)["spec"][field].Report(AnalysisCodes.NotFound,
                    $"No workload of namespace {document.Namespace} has the labels {Words(labels)}; correct the selector.");
            }

            if (workloads.FirstOrDefault(workload => byWorkload[workload].Count() > 1) is { } shared)
            {
                var others = byWorkload[shared].Where(other => other != document).Select(other => other.Name);
                mesh.At(document)["spec"][field].Report(conflict,
                    $"{document.Kind} {string.Join(", ", others)} selects {shared} too, and only one counts; make the selectors disjoint.");
            }
        }
    }

    private static void CheckPolicy(Mesh mesh, Place at, EquatableDictionary<string> labels)
    {
        var space = at.Document.Namespace;
        var everywhere = space == mesh.Options.RootNamespace;
        var workloads = everywhere
            ? [.. mesh.Workloads.All.Where(workload => Metadata.Matches(labels, workload.Labels))]
            : mesh.Workloads.Select(space, labels);
        if (workloads.Count == 0 && (everywhere
            ? mesh.Workloads.All.Count > 0 && mesh.Workloads.In(space).Any()
            : mesh.Workloads.In(space).Any()))
        {
            at.Report(AnalysisCodes.NoWorkloads,
                $"No workload of namespace {space} has the labels {Words(labels)}, so the policy does nothing; correct the labels.");
        }
        else if (at.Document.Kind != "PeerAuthentication"
            && (labels.ContainsKey(GatewayNameLabel) || workloads.Any(workload => workload.Labels.ContainsKey(GatewayNameLabel))))
        {
            at.Report(AnalysisCodes.IneffectiveSelector,
                "Gateways of the Gateway API do not listen to selectors; use targetRefs with kind Gateway.");
        }
    }

    private static string Words(EquatableDictionary<string> labels)
        => string.Join(", ", labels.Select(label => $"{label.Key}={label.Value}"));
}
