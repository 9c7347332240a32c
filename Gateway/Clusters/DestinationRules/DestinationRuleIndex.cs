using System.Globalization;
using Gateway.Registry;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Clusters.DestinationRules;

/// <summary>
/// Finds the DestinationRule that counts for a client and a host: first in the client's namespace, then in the service's, then in the
/// root namespace. The first namespace that has any rule for the host has the last word.
/// </summary>
/// <remarks>istio/istio pilot/pkg/model/push_context.go, setDestinationRules and destinationRule; sidecar.go, DestinationRule.</remarks>
internal sealed class DestinationRuleIndex
{
    private readonly Dictionary<string, RulePool> _local = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RulePool> _exported = new(StringComparer.Ordinal);
    private readonly RulePool _rootPrivate = new();

    /// <summary>Reads the rules.</summary>
    public DestinationRuleIndex(ResourceSet resources)
    {
        // Of two policies for one host the older rule's counts; rules for selected workloads come before all others.
        var rules = resources.OfType<DestinationRule>()
            .OrderBy(pair => pair.Resource.Spec.WorkloadSelector is null)
            .ThenBy(pair => CreatedAt(pair.Resource))
            .ThenBy(pair => pair.Document.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Document.Namespace, StringComparer.Ordinal);
        foreach (var (document, rule) in rules)
        {
            Add(document, rule.Spec);
        }
    }

    /// <summary>Finds the rule; null when there is none.</summary>
    public MergedRule? Find(ServiceHost host, ClusterClient client)
    {
        var rules = FindAll(host, client);
        MergedRule? general = null;
        foreach (var rule in rules ?? [])
        {
            if (rule.Selector is null)
            {
                general = rule;
            }
            else if (rule.Namespace == client.Namespace && Selects(rule.Selector, client))
            {
                return rule;
            }
        }

        return general;
    }

    private IReadOnlyList<MergedRule>? FindAll(ServiceHost host, ClusterClient client)
    {
        // A gateway often stands in the root namespace, whose rules for the whole mesh must not hide the service's own.
        var own = client.Namespace == ClusterClient.RootNamespace ? _rootPrivate : _local.GetValueOrDefault(client.Namespace);
        return own?.Find(host.Name) ?? FindExported(host.Namespace, host.Name, client)
            ?? FindExported(ClusterClient.RootNamespace, host.Name, client);
    }

    private MergedRule[]? FindExported(string owner, string host, ClusterClient client)
    {
        var visible = _exported.GetValueOrDefault(owner)?.Find(host)?.Where(rule => rule.IsVisibleTo(client.Namespace)).ToArray();
        return visible is { Length: > 0 } ? visible : null;
    }

    private void Add(ResourceDocument document, DestinationRuleSpec spec)
    {
        if (string.IsNullOrEmpty(spec.Host))
        {
            return;
        }

        var host = ServiceHosts.Resolve(spec.Host, document.Namespace);
        // A rule for selected workloads is never seen from another namespace.
        var exportTo = spec.WorkloadSelector is null ? spec.ExportTo.ToHashSet(StringComparer.Ordinal) : [Exports.Private];
        if (exportTo.Count == 0 || exportTo.Overlaps([Exports.Public, Exports.Private, document.Namespace]))
        {
            PoolOf(_local, document.Namespace).Add(host, document, spec, exportTo);
        }

        var isPrivate = exportTo.Count == 1 && (exportTo.Contains(Exports.Private) || exportTo.Contains(document.Namespace));
        if (!isPrivate)
        {
            PoolOf(_exported, document.Namespace).Add(host, document, spec, exportTo);
        }
        else if (document.Namespace == ClusterClient.RootNamespace)
        {
            _rootPrivate.Add(host, document, spec, exportTo);
        }
    }

    private static RulePool PoolOf(Dictionary<string, RulePool> pools, string @namespace) =>
        pools.TryGetValue(@namespace, out var pool) ? pool : pools[@namespace] = new RulePool();

    private static bool Selects(WorkloadSelector selector, ClusterClient client) =>
        selector.MatchLabels.All(label => client.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static DateTimeOffset CreatedAt(DestinationRule rule) =>
        DateTimeOffset.TryParse(rule.Metadata.CreationTimestamp, CultureInfo.InvariantCulture, out var time) ? time : default;
}
