using Gateway.Registry;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Clusters.DestinationRules;

/// <summary>One DestinationRule, or several of one namespace for one host that act as one.</summary>
internal sealed class MergedRule
{
    private readonly List<Subset> _subsets;
    private readonly List<string> _sources;

    /// <summary>Begins with a rule.</summary>
    public MergedRule(ResourceDocument document, DestinationRuleSpec spec, IReadOnlySet<string> exportTo)
    {
        Document = document;
        (Namespace, ExportTo, Selector, TrafficPolicy) = (document.Namespace, exportTo, spec.WorkloadSelector, spec.TrafficPolicy);
        _subsets = [.. spec.Subsets];
        _sources = [$"{document.Namespace}/{document.Name}"];
    }

    /// <summary>The first of the rules.</summary>
    public ResourceDocument Document { get; }

    /// <summary>The rules' namespace.</summary>
    public string Namespace { get; }

    /// <summary>Namespaces that see the rules; empty means all.</summary>
    public IReadOnlySet<string> ExportTo { get; }

    /// <summary>The client workloads it is for; null for all.</summary>
    public WorkloadSelector? Selector { get; }

    /// <summary>The policies for all subsets and ports.</summary>
    public TrafficPolicy? TrafficPolicy { get; private set; }

    /// <summary>The subsets.</summary>
    public IReadOnlyList<Subset> Subsets => _subsets;

    /// <summary>The rules' names.</summary>
    public string Source => string.Join(", ", _sources);

    /// <summary>True when a namespace sees the rules.</summary>
    public bool IsVisibleTo(string @namespace) =>
        ExportTo.Count == 0 || ExportTo.Contains(Exports.Public) || ExportTo.Contains(@namespace);

    /// <summary>Adds another rule's subsets of new names, and its policy where there is none yet.</summary>
    public void Add(ResourceDocument document, DestinationRuleSpec spec)
    {
        _sources.Add($"{document.Namespace}/{document.Name}");
        // Subsets of one name within the added rule stay apart, as they do in Istio.
        var known = _subsets.Select(subset => subset.Name).ToHashSet();
        _subsets.AddRange(spec.Subsets.Where(subset => !known.Contains(subset.Name)));
        TrafficPolicy ??= spec.TrafficPolicy;
    }
}
