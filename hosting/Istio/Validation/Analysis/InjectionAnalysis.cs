using System.Text.Json;
using Istio.Documents;

namespace Istio.Validation.Analysis;

/// <summary>Whether namespaces and pods get a sidecar.</summary>
internal static class InjectionAnalysis
{
    private const string Injection = "istio-injection";
    private const string Revision = "istio.io/rev";
    private const string DataplaneMode = "istio.io/dataplane-mode";
    private const string PodInjection = "sidecar.istio.io/inject";
    private const string ProxyContainer = "istio-proxy";

    // The image of a gateway's proxy until injection fills it in.
    private const string AutoImage = "auto";

    public static readonly string[] SystemNamespaces =
        ["kube-system", "kube-public", "kube-node-lease", "local-path-storage", "istio-system"];

    public static void Check(Mesh mesh)
    {
        var spaces = mesh.Resources.OfType<UntypedResource>()
            .Where(pair => pair.Document is { Kind: "Namespace", ApiVersion: "v1" })
            .GroupBy(pair => pair.Document.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var anyLabelled = spaces.Values.Any(space => IsLabelled(space.Resource.Metadata.Labels));
        var ruled = mesh.Resources.Documents.Where(IsMeshRule).Select(document => document.Namespace).ToHashSet(StringComparer.Ordinal);
        foreach (var (document, space) in spaces.Values)
        {
            CheckNamespace(mesh, mesh.At(document)["metadata"], space.Metadata.Labels, anyLabelled, ruled);
        }

        var webhooks = new Lazy<IReadOnlyList<JsonElement>>(() => [.. InstallationAnalysis.Injectors(mesh).Select(hook => hook.Webhook)]);
        foreach (var workload in mesh.Workloads.All.Where(workload => workload.Pod is not null))
        {
            var labels = spaces.TryGetValue(workload.Namespace, out var space) ? space.Resource.Metadata.Labels : default;
            CheckPod(mesh, workload, labels);
            CheckAutoImage(mesh, workload, labels, webhooks);
        }
    }

    /// <summary>The namespaces of the documents whose pods get no sidecar.</summary>
    public static IReadOnlySet<string> OutsideNamespaces(Mesh mesh) =>
        mesh.Resources.OfType<UntypedResource>().Where(pair => pair.Document is { Kind: "Namespace", ApiVersion: "v1" }
            && pair.Resource.Metadata.Labels.GetValueOrDefault(Injection) == "disabled")
            .Select(pair => pair.Document.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>True when the documents say that a workload has no sidecar.</summary>
    public static bool IsOutside(Workload workload, IReadOnlySet<string> outside) =>
        (workload.Labels.GetValueOrDefault(PodInjection) ?? workload.Annotations.GetValueOrDefault(PodInjection)) is { } wanted
            ? !wanted.Equals("true", StringComparison.OrdinalIgnoreCase)
            : outside.Contains(workload.Namespace);

    private static bool IsLabelled(EquatableDictionary<string> labels) =>
        labels.ContainsKey(Injection) || labels.ContainsKey(Revision) || labels.ContainsKey(DataplaneMode);

    private static void CheckNamespace(
        Mesh mesh, Place at, EquatableDictionary<string> labels, bool anyLabelled, HashSet<string> ruled)
    {
        var wanted = new[] { Injection, Revision, DataplaneMode }.Where(labels.ContainsKey).ToArray();
        if (wanted.Length > 1 && labels.GetValueOrDefault(Injection, "enabled") == "enabled")
        {
            at["labels"].Report(AnalysisCodes.InjectionLabels,
                $"The labels {string.Join(" and ", wanted)} ask for different ways into the mesh; keep one.");
        }

        var name = at.Document.Name;
        if (IsLabelled(labels) || SystemNamespaces.Contains(name))
        {
            return;
        }

        var outside = mesh.Workloads.In(name).FirstOrDefault(workload =>
            workload.Pod is not null && !workload.Labels.ContainsKey(PodInjection) && !workload.Annotations.ContainsKey(PodInjection)
                && !workload.Labels.ContainsKey(Revision));
        if (outside is not null && ruled.Contains(name))
        {
            at.Report(AnalysisCodes.NotInjected,
                $"Namespace {name} has Istio resources, but no label that gives its pods ({outside}) a sidecar; add the label "
                + $"{Injection}: enabled.");
        }
        else if (anyLabelled)
        {
            at.Report(AnalysisCodes.NotInjected,
                $"Namespace {name} has no label that says whether its pods get a sidecar, as others do; add {Injection}: enabled or "
                + "disabled.");
        }
    }

    private static bool IsMeshRule(ResourceDocument document) => document.Resource switch
    {
        Networking.VirtualService service => VirtualServiceRoutes.IsForMesh(service.Spec),
        Networking.Sidecar or Security.AuthorizationPolicy or Security.PeerAuthentication or Security.RequestAuthentication => true,
        _ => false,
    };

    /// <summary>A pod as the cluster runs it: injection has been and gone.</summary>
    private static void CheckPod(Mesh mesh, Workload workload, EquatableDictionary<string> labels)
    {
        if (workload.Document.Kind != "Pod" || labels.GetValueOrDefault(Injection) != "enabled")
        {
            return;
        }

        var wanted = workload.Labels.GetValueOrDefault(PodInjection) ?? workload.Annotations.GetValueOrDefault(PodInjection) ?? "";
        var pod = workload.Pod!.Value;
        if (!wanted.Equals("false", StringComparison.OrdinalIgnoreCase)
            && !(Json.TryGet(pod, out var hostNetwork, "hostNetwork") && hostNetwork.ValueKind == JsonValueKind.True)
            && !Json.Items(pod, "containers").Concat(Json.Items(pod, "initContainers"))
            .Any(container => Json.Text(container, "name") == ProxyContainer))
        {
            mesh.At(workload.Document)["spec"]["containers"].Report(AnalysisCodes.MissingProxy,
                $"Namespace {workload.Namespace} gives its pods a sidecar, and this one has none; restart it, or set the label "
                + $"{PodInjection}: \"false\".");
        }
    }

    private static void CheckAutoImage(
        Mesh mesh, Workload workload, EquatableDictionary<string> space, Lazy<IReadOnlyList<JsonElement>> webhooks)
    {
        foreach (var (container, path) in workload.Containers())
        {
            if (Json.Text(container, "name") != ProxyContainer || Json.Text(container, "image") != AutoImage)
            {
                continue;
            }

            var at = (mesh.At(workload.Document) with { Path = path })["image"];
            if (workload.Document.Kind == "Pod")
            {
                // A manifest of a pod may have it, and injection fills it in when the pod is created.
                if (!workload.Document.HasStatus && !Json.TryGet(workload.Pod!.Value, out _, "nodeName"))
                {
                    continue;
                }

                at.Report(AnalysisCodes.AutoImageInPod,
                    "The image \"auto\" was not filled in by injection and cannot be pulled; create the pod again in a namespace with "
                    + "injection.");
            }
            else if (!IsInjected(space, workload.Labels, webhooks.Value))
            {
                at.Report(AnalysisCodes.AutoImage,
                    $"Nothing fills in the image \"auto\": neither namespace {workload.Namespace} nor the pod asks for injection; add the "
                    + $"label {PodInjection}: \"true\" to the pod template.");
            }
        }
    }

    /// <summary>By the injectors of the documents, or by those that Istio installs.</summary>
    private static bool IsInjected(
        EquatableDictionary<string> space, IReadOnlyDictionary<string, string> pod, IReadOnlyList<JsonElement> webhooks) =>
        webhooks.Count > 0
            ? webhooks.Any(webhook => LabelSelectors.Matches(webhook, "namespaceSelector", space)
                && LabelSelectors.Matches(webhook, "objectSelector", pod))
            : pod.GetValueOrDefault(PodInjection) is { } wanted
                ? wanted == "true"
                : space.GetValueOrDefault(Injection) == "enabled" || space.ContainsKey(Revision) || pod.ContainsKey(Revision);
}
