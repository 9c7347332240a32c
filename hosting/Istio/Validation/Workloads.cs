using System.Runtime.CompilerServices;
using System.Text.Json;
using Istio.Documents;
using Istio.Networking;

namespace Istio.Validation;

/// <summary>Something that runs: the pods of a Deployment or the like, one pod, or a WorkloadEntry.</summary>
/// <param name="Document">Where it is declared.</param>
/// <param name="Labels">Labels of its pods.</param>
/// <param name="Annotations">Annotations of its pods.</param>
/// <param name="Replicas">How many there are; null when the document does not tell.</param>
/// <param name="Pod">The pod's specification; null for a WorkloadEntry.</param>
/// <param name="PodPath">The path of that specification.</param>
internal sealed record Workload(
    ResourceDocument Document, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations, int? Replicas,
    JsonElement? Pod, string PodPath)
{
    public string Namespace => Document.Namespace;

    // Each is one of a kind; comparing contents would walk the whole document.
    public bool Equals(Workload? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    /// <summary><c>Deployment/ping</c>.</summary>
    public override string ToString() => $"{Document.Kind}/{Document.Name}";

    /// <summary>The containers of the pod, with their paths.</summary>
    public IEnumerable<(JsonElement Container, string Path)> Containers()
    {
        if (Pod is not { } pod || !Json.TryGet(pod, out var containers, "containers") || containers.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        var index = 0;
        foreach (var container in containers.EnumerateArray())
        {
            yield return (container, FieldPath.Item(FieldPath.Member(PodPath, "containers"), index++));
        }
    }
}

/// <summary>All workloads of the documents, found by labels.</summary>
internal sealed class WorkloadIndex
{
    private static readonly string[] WithoutCount = ["DaemonSet", "Job", "CronJob"];

    // Other kinds with a template are workloads only when it is one of pods.
    private static readonly string[] Controllers =
        ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"];

    private readonly List<Workload> _all = [];
    private readonly ILookup<string, Workload> _byNamespace;
    private readonly ILookup<(string Namespace, string Key, string Value), Workload> _byLabel;
    private readonly Lazy<ILookup<(string Key, string Value), Workload>> _anywhere;
    private readonly Lazy<HashSet<string>> _keys;

    public WorkloadIndex(ResourceSet resources)
    {
        var known = resources.Documents.Select(document => (document.Kind, document.Namespace, document.Name)).ToHashSet();
        var scaled = ScaledTargets(resources);
        foreach (var document in resources.Documents)
        {
            if (Read(document, scaled) is { } workload && !IsOwned(document, known))
            {
                _all.Add(workload);
            }
        }

        _byNamespace = _all.ToLookup(workload => workload.Namespace, StringComparer.Ordinal);
        _byLabel = _all.SelectMany(workload => workload.Labels
            .Select(label => (Key: (workload.Namespace, label.Key, label.Value), Workload: workload)))
            .ToLookup(pair => pair.Key, pair => pair.Workload);
        _anywhere = new(() => _all.SelectMany(workload => workload.Labels
            .Select(label => (Key: (label.Key, label.Value), Workload: workload))).ToLookup(pair => pair.Key, pair => pair.Workload));
        _keys = new(() => _all.SelectMany(workload => workload.Labels.Keys).ToHashSet(StringComparer.Ordinal));
    }

    public IReadOnlyList<Workload> All => _all;

    public IEnumerable<Workload> In(string space) => _byNamespace[space];

    /// <summary>The workloads of a namespace that have all these labels; none for no labels.</summary>
    public IReadOnlyList<Workload> Select(string space, IReadOnlyDictionary<string, string> labels) =>
        Select(labels, (key, value) => _byLabel[(space, key, value)]);

    /// <summary>The workloads of any namespace that have all these labels; none for no labels.</summary>
    public IReadOnlyList<Workload> SelectAnywhere(IReadOnlyDictionary<string, string> labels) =>
        Select(labels, (key, value) => _anywhere.Value[(key, value)]);

    /// <summary>True when some workload has a label of this key.</summary>
    public bool KnowsKey(string key) => _keys.Value.Contains(key);

    /// <summary>True when some workload has this label.</summary>
    public bool Knows(string key, string value) => _anywhere.Value.Contains((key, value));

    private static Workload[] Select(IReadOnlyDictionary<string, string> labels, Func<string, string, IEnumerable<Workload>> find)
    {
        IEnumerable<Workload>? candidates = null;
        var fewest = int.MaxValue;
        foreach (var (key, value) in labels)
        {
            var found = find(key, value);
            if (found.Count() is var count && count < fewest)
            {
                (candidates, fewest) = (found, count);
            }
        }

        return candidates is null ? [] : [.. candidates.Where(workload => Metadata.Matches(labels, workload.Labels))];
    }

    private static Workload? Read(ResourceDocument document, HashSet<(string Kind, string Namespace, string Name)> scaled)
    {
        if (document.Resource is WorkloadEntry entry)
        {
            var labels = new Dictionary<string, string>(entry.Metadata.Labels, StringComparer.Ordinal);
            foreach (var (key, value) in entry.Spec.Labels)
            {
                labels[key] = value;
            }

            return new Workload(document, labels, entry.Metadata.Annotations, 1, null, "spec");
        }

        if (document.Resource is not UntypedResource { Content: var content } untyped)
        {
            return null;
        }

        var hasSpec = Json.TryGet(content, out var spec, "spec");
        if (document is { Kind: "Pod", ApiVersion: "v1" })
        {
            return new Workload(document, untyped.Metadata.Labels, untyped.Metadata.Annotations, 1, hasSpec ? spec : null, "spec");
        }

        string[] path = document.Kind == "CronJob" ? ["spec", "jobTemplate", "spec", "template"] : ["spec", "template"];
        if (!Json.TryGet(content, out var template, path))
        {
            return null;
        }

        var hasPod = Json.TryGet(template, out var pod, "spec") && Json.TryGet(pod, out _, "containers");
        if (!hasPod && !Controllers.Contains(document.Kind))
        {
            return null;
        }

        int? replicas = WithoutCount.Contains(document.Kind) || scaled.Contains((document.Kind, document.Namespace, document.Name)) ? null
            : Json.TryGet(spec, out var count, "replicas") && count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out var number)
                ? number : 1;
        return new Workload(document, Json.Texts(template, "metadata", "labels"), Json.Texts(template, "metadata", "annotations"),
            replicas, hasPod ? pod : null, string.Join('.', path) + ".spec");
    }

    /// <summary>What a HorizontalPodAutoscaler or a KEDA ScaledObject scales has no fixed number of replicas.</summary>
    private static HashSet<(string, string, string)> ScaledTargets(ResourceSet resources)
    {
        var targets = new HashSet<(string, string, string)>();
        foreach (var document in resources.Documents)
        {
            if (document.Resource is UntypedResource { Content: var content }
                && Json.TryGet(content, out var target, "spec", "scaleTargetRef"))
            {
                targets.Add((Json.Text(target, "kind") ?? "Deployment", document.Namespace, Json.Text(target, "name") ?? ""));
            }
        }

        return targets;
    }

    /// <summary>A pod of a Deployment in the same documents would count twice.</summary>
    private static bool IsOwned(ResourceDocument document, HashSet<(string, string, string)> known) =>
        document.Resource is UntypedResource untyped
        && untyped.Metadata.OwnerReferences
        .Any(owner => owner.Controller == true && known.Contains((owner.Kind ?? "", document.Namespace, owner.Name ?? "")));
}
