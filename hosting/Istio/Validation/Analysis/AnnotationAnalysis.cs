using System.Collections.Frozen;
using System.Globalization;
using Istio.Documents;
using Istio.Validation.Syntax;

namespace Istio.Validation.Analysis;

/// <summary>
/// Istio's annotations on Namespaces, Services and pods.
/// Source: https://istio.io/latest/docs/reference/config/annotations/
/// </summary>
internal static class AnnotationAnalysis
{
    private const string Inject = "sidecar.istio.io/inject";

    private static readonly FrozenDictionary<string, string[]> Kinds = new (string[] Kinds, string[] Names)[]
    {
        (["Pod"],
        [
            "ambient.istio.io/bypass-inbound-capture", "ambient.istio.io/dns-capture",
                "ambient.istio.io/redirection", "inject.istio.io/templates",
            "istio.io/reroute-virtual-interfaces", "istio.io/rev",
                "prometheus.istio.io/merge-metrics", "proxy.istio.io/config", "proxy.istio.io/overrides",
            "readiness.status.sidecar.istio.io/applicationPorts", "readiness.status.sidecar.istio.io/failureThreshold",
            "readiness.status.sidecar.istio.io/initialDelaySeconds", "readiness.status.sidecar.istio.io/periodSeconds",
            "sidecar.istio.io/agentLogLevel", "sidecar.istio.io/bootstrapOverride", "sidecar.istio.io/componentLogLevel",
                "sidecar.istio.io/discoveryAddress",
            "sidecar.istio.io/extraStatTags", Inject, "sidecar.istio.io/interceptionMode", "sidecar.istio.io/logLevel",
                "sidecar.istio.io/nativeSidecar",
            "sidecar.istio.io/proxyCPU", "sidecar.istio.io/proxyCPULimit", "sidecar.istio.io/proxyImage", "sidecar.istio.io/proxyImageType",
            "sidecar.istio.io/proxyMemory", "sidecar.istio.io/proxyMemoryLimit", "sidecar.istio.io/rewriteAppHTTPProbers",
                "sidecar.istio.io/statsCompression",
            "sidecar.istio.io/statsEvictionInterval", "sidecar.istio.io/statsFlushInterval", "sidecar.istio.io/statsHistogramBins",
            "sidecar.istio.io/statsHistogramBuckets", "sidecar.istio.io/statsInclusionPrefixes", "sidecar.istio.io/statsInclusionRegexps",
            "sidecar.istio.io/statsInclusionSuffixes", "sidecar.istio.io/status", "sidecar.istio.io/userVolume",
                "sidecar.istio.io/userVolumeMount",
            "status.sidecar.istio.io/port", "traffic.sidecar.istio.io/excludeInboundPorts", "traffic.sidecar.istio.io/excludeInterfaces",
            "traffic.sidecar.istio.io/excludeOutboundIPRanges", "traffic.sidecar.istio.io/excludeOutboundPorts",
            "traffic.sidecar.istio.io/includeInboundPorts", "traffic.sidecar.istio.io/includeOutboundIPRanges",
            "traffic.sidecar.istio.io/includeOutboundPorts", "traffic.sidecar.istio.io/kubevirtInterfaces",
        ]),
        (["Service"],
            ["alpha.istio.io/canonical-serviceaccounts", "alpha.istio.io/kubernetes-serviceaccounts", "networking.istio.io/exportTo",
                "traffic.istio.io/nodeSelector"]),
        (["Namespace", "Service", "ServiceEntry"], ["istio.io/use-waypoint-canary-weight", "networking.istio.io/traffic-distribution"]),
        (["Namespace"], ["topology.istio.io/controlPlaneClusters"]),
        (["AuthorizationPolicy"], ["istio.io/dry-run"]),
        (["WorkloadEntry"], ["istio.io/autoRegistrationGroup", "istio.io/connectedAt", "istio.io/disconnectedAt",
            "istio.io/workloadController"]),
        (["Gateway"],
            ["ambient.istio.io/waypoint-inbound-binding", "gateway.istio.io/name-override", "gateway.istio.io/service-account",
                "networking.istio.io/service-type"]),
        (["Ingress"], ["kubernetes.io/ingress.class"]),
        ([], ["galley.istio.io/analyze-suppress", "gateway.istio.io/controller-version"]),
    }.SelectMany(group => group.Names.Select(name => KeyValuePair.Create(name, group.Kinds))).ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Deprecated = new[]
    {
        "alpha.istio.io/canonical-serviceaccounts", "alpha.istio.io/kubernetes-serviceaccounts", Inject,
            "sidecar.istio.io/discoveryAddress",
        "sidecar.istio.io/extraStatTags", "sidecar.istio.io/statsCompression", "sidecar.istio.io/statsInclusionPrefixes",
        "sidecar.istio.io/statsInclusionRegexps", "sidecar.istio.io/statsInclusionSuffixes", "traffic.sidecar.istio.io/kubevirtInterfaces",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static void Check(Mesh mesh)
    {
        foreach (var document in mesh.Resources.Documents)
        {
            if (document is { Kind: "Namespace" or "Service" or "Pod" or "Deployment" })
            {
                Check(mesh.At(document)["metadata"]["annotations"], document.Kind, Metadata.Annotations(document),
                    Metadata.Labels(document));
            }
        }

        foreach (var workload in mesh.Workloads.All)
        {
            if (workload.Pod is not null && workload.Document.Kind != "Pod")
            {
                var template = workload.PodPath[..^".spec".Length];
                Check((mesh.At(workload.Document) with { Path = template })["metadata"]["annotations"], "Pod", workload.Annotations,
                    workload.Labels);
            }
        }
    }

    private static void Check(Place at, string kind, IReadOnlyDictionary<string, string> annotations, IReadOnlyDictionary<string,
        string> labels)
    {
        foreach (var (name, value) in annotations)
        {
            if (name != "kubernetes.io/ingress.class" && !name.Split('/')[0].EndsWith("istio.io", StringComparison.Ordinal))
            {
                continue;
            }

            if (!Kinds.TryGetValue(name, out var kinds))
            {
                at[name].Report(AnalysisCodes.UnknownAnnotation, $"Istio has no annotation \"{name}\"; "
                    + (Spelling.Nearest(name, Kinds.Keys) is { } near ? $"did you mean {near}?" : "correct or remove it."));
                continue;
            }

            if (Deprecated.Contains(name) && !(name == Inject && labels.ContainsKey(Inject)))
            {
                at[name].Report(AnalysisCodes.DeprecatedAnnotation,
                    $"Annotation \"{name}\" is deprecated; {(name == Inject ? "use the label of the same name." : "remove it.")}");
            }

            if (kinds.Length > 0 && !kinds.Contains(kind))
            {
                at[name].Report(AnalysisCodes.MisplacedAnnotation,
                    $"Annotation \"{name}\" has no effect on a {kind}; move it to "
                    + $"{(kinds is ["Pod"] ? "a Pod or a pod template" : $"kind {string.Join(" or ", kinds)}")}.");
            }
            else if (CheckValue(name, value) is { } fault)
            {
                at[name].Report(AnalysisCodes.InvalidAnnotation, fault);
            }
        }
    }

    private static string? CheckValue(string name, string value)
    {
        var key = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return key switch
        {
            "failureThreshold" or "initialDelaySeconds" or "periodSeconds" when !value.All(char.IsAsciiDigit) || value.Length is 0 or > 9 =>
                $"\"{value}\" is not a number; write a whole number.",
            "port" when !IsPort(value) => $"\"{value}\" is not a port; ports are 1 to 65535.",
            "merge-metrics" when value is not ("true" or "false") => $"\"{value}\" is neither true nor false; write one of the two.",
            "interceptionMode" when value is not ("REDIRECT" or "TPROXY" or "NONE") => $"\"{value}\" is not possible; use REDIRECT, "
            + "TPROXY or NONE.",
            "includeInboundPorts" or "includeOutboundPorts" when value == "*" => null,
            "includeInboundPorts" or "includeOutboundPorts" or "excludeInboundPorts" or "excludeOutboundPorts"
                => FirstBad(value, IsPort, "a port"),
            "includeOutboundIPRanges" when value == "*" => null,
            "includeOutboundIPRanges" or "excludeOutboundIPRanges" => FirstBad(value, IpAddresses.IsCidr, "a CIDR range"),
            _ => null,
        };
    }

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && port > 0;

    private static string? FirstBad(string list, Func<string, bool> isGood, string noun) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(item => !isGood(item)) is { } bad
            ? $"\"{bad}\" is not {noun}; write a list separated by commas."
            : null;
}
