using Istio.Documents;
using Istio.Extensions;
using Istio.Networking;
using Istio.Security;

namespace Istio.Validation.Analysis;

/// <summary>What the selectors of Sidecars, Telemetries and policies find among the workloads of the documents.</summary>
internal static class SelectorAnalysis
{
    private const string GatewayNameLabel = "gateway.networking.k8s.io/gateway-name";

    public static void Check(Mesh mesh)
    {
        var ambient = AmbientAnalysis.Check(mesh);
        CheckExclusive(mesh, "workloadSelector", AnalysisCodes.ConflictingSidecars, AnalysisCodes.SidecarsWithoutSelector,
            mesh.Resources.OfType<Sidecar>().Where(pair => !ambient.Contains(pair.Document.Namespace))
                .Select(pair => (pair.Document, pair.Resource.Spec.WorkloadSelector?.Labels ?? default, false)));
        CheckExclusive(mesh, "selector", AnalysisCodes.ConflictingTelemetries, AnalysisCodes.TelemetriesWithoutSelector,
            mesh.Resources.OfType<Telemetry.Telemetry>().Select(pair => (pair.Document, pair.Resource.Spec.Selector?.MatchLabels ?? default,
                pair.Resource.Spec.TargetRef is not null || !pair.Resource.Spec.TargetRefs.IsEmpty)));
        foreach (var (document, selector) in Policies(mesh))
        {
            CheckPolicy(mesh, mesh.At(document)["spec"]["selector"], selector?.MatchLabels);
        }
    }

    /// <summary>The policies that hold for workloads, not for a target that they name.</summary>
    private static IEnumerable<(ResourceDocument Document, WorkloadSelector? Selector)> Policies(Mesh mesh)
    {
        foreach (var document in mesh.Resources.Documents)
        {
            (bool IsPolicy, WorkloadSelector? Selector) found = document.Resource switch
            {
                AuthorizationPolicy { Spec: { TargetRef: null, TargetRefs.IsEmpty: true } spec } => (true, spec.Selector),
                RequestAuthentication { Spec: { TargetRef: null, TargetRefs.IsEmpty: true } spec } => (true, spec.Selector),
                PeerAuthentication { Spec: var spec } => (true, spec.Selector),
                Telemetry.Telemetry { Spec: { TargetRef: null, TargetRefs.IsEmpty: true } spec } => (true, spec.Selector),
                WasmPlugin { Spec: { TargetRef: null, TargetRefs.IsEmpty: true } spec } => (true, spec.Selector),
                _ => (false, null),
            };
            if (found.IsPolicy)
            {
                yield return (document, found.Selector);
            }
        }
    }

    /// <summary>Kinds of which one resource counts for a workload: one without selector for a namespace, one with selector for a
    /// workload.</summary>
    private static void CheckExclusive(
        Mesh mesh, string field, FindingCode conflict, FindingCode several,
            IEnumerable<(ResourceDocument Document, EquatableDictionary<string> Labels, bool HasTarget)> resources)
    {
        foreach (var group in resources.Where(entry => !entry.HasTarget).GroupBy(entry => entry.Document.Namespace, StringComparer.Ordinal))
        {
            var general = group.Where(entry => entry.Labels.IsEmpty).Select(entry => entry.Document)
                .DistinctBy(document => document.Name.Length == 0 ? (object)document.Location : document.Name).ToArray();
            foreach (var document in general.Length > 1 ? general : [])
            {
                mesh.At(document)["spec"].Report(several,
                    $"Namespace {group.Key} has {general.Length} {document.Kind} resources without {field} "
                    + $"({Others.Words(general.Select(other => other.Name))}); keep one.");
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

            if (workloads.FirstOrDefault(workload => byWorkload[workload].Any(other => Others.Than(document, other))) is { } shared)
            {
                var others = byWorkload[shared].Where(other => Others.Than(document, other)).Select(other => other.Name);
                mesh.At(document)["spec"][field].Report(conflict,
                    $"{document.Kind} {Others.Words(others)} selects {shared} too, and only one counts; make the selectors disjoint.");
            }
        }
    }

    private static void CheckPolicy(Mesh mesh, Place at, EquatableDictionary<string>? selector)
    {
        var space = at.Document.Namespace;
        if (selector is not { IsEmpty: false } labels)
        {
            CheckNamespace(mesh, at with { Path = "spec" }, space);
            return;
        }

        // A Telemetry without a workload is IST0101, above.
        var everywhere = space == mesh.Options.RootNamespace;
        var workloads = everywhere
            ? mesh.Workloads.SelectAnywhere(labels)
            : mesh.Workloads.Select(space, labels);
        var hasOthers = everywhere ? KnowsLabels(mesh, labels) || mesh.Workloads.In(space).Any() : mesh.Workloads.In(space).Any();
        if (workloads.Count == 0 && hasOthers && at.Document.Kind != "Telemetry")
        {
            at.Report(AnalysisCodes.NoWorkloads,
                $"No workload of {(everywhere ? "any namespace" : $"namespace {space}")} has the labels {Words(labels)}, so the policy "
                + "does nothing; correct the labels.");
        }
        else if (at.Document.Kind != "PeerAuthentication"
            && (labels.ContainsKey(GatewayNameLabel) || workloads.Any(workload => workload.Labels.ContainsKey(GatewayNameLabel))))
        {
            at.Report(AnalysisCodes.IneffectiveSelector,
                "Gateways of the Gateway API do not listen to selectors; use targetRefs with kind Gateway.");
        }
    }

    /// <summary>True when each label's key is one that workloads of the documents have, so that only its value is unknown.</summary>
    private static bool KnowsLabels(Mesh mesh, EquatableDictionary<string> labels) =>
        labels.Keys.All(mesh.Workloads.KnowsKey) && labels.Any(label => !mesh.Workloads.Knows(label.Key, label.Value))
        && !labels.ContainsKey(GatewayAnalysis.GatewayLabel);

    /// <summary>A policy for a namespace in which nothing runs, although the documents show what runs in others.</summary>
    private static void CheckNamespace(Mesh mesh, Place at, string space)
    {
        if (at.Document.Kind == "AuthorizationPolicy" && space != mesh.Options.RootNamespace && space != ResourceDocument.DefaultNamespace
            && !mesh.Workloads.In(space).Any() && mesh.Workloads.All.Count > 0 && !mesh.HasServicesOf(space))
        {
            at.Report(AnalysisCodes.NoWorkloads,
                $"Namespace {space} has no workload in the documents, so the policy does nothing; correct the namespace.");
        }
    }

    private static string Words(EquatableDictionary<string> labels)
        => string.Join(", ", labels.Select(label => $"{label.Key}={label.Value}"));
}
