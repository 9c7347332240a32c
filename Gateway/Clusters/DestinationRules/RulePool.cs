using Istio.Documents;
using Istio.Networking;

namespace Gateway.Clusters.DestinationRules;

/// <summary>The DestinationRules that are looked at together, by host.</summary>
/// <remarks>istio/istio pilot/pkg/model/destination_rule.go, mergeDestinationRule; config.go, MostSpecificHostMatch.</remarks>
internal sealed class RulePool
{
    private readonly Dictionary<string, List<MergedRule>> _byHost = new(StringComparer.Ordinal);

    /// <summary>Adds a rule: to those of its host that it agrees with about who sees it, or as one of its own.</summary>
    public void Add(string host, ResourceDocument document, DestinationRuleSpec spec, IReadOnlySet<string> exportTo)
    {
        if (!_byHost.TryGetValue(host, out var rules))
        {
            _byHost[host] = [new MergedRule(document, spec, exportTo)];
            return;
        }

        var isApart = true;
        foreach (var rule in rules)
        {
            var sameExport = exportTo.SetEquals(rule.ExportTo);
            isApart = !sameExport;
            if (!sameExport && (rule.ExportTo.Count == 0 || !exportTo.IsSupersetOf(rule.ExportTo)))
            {
                continue;
            }

            var selectorsMatch = Labels(rule.Selector) == Labels(spec.WorkloadSelector);
            if (rule.Selector is not null && spec.WorkloadSelector is not null && !selectorsMatch)
            {
                isApart = true;
                continue;
            }

            if ((rule.Selector is null) == (spec.WorkloadSelector is null))
            {
                isApart = false;
            }

            rule.Add(document, spec);
        }

        if (isApart)
        {
            rules.Add(new MergedRule(document, spec, exportTo));
        }
    }

    /// <summary>The rules of the most specific host that covers a name: the name itself, or the longest wildcard.</summary>
    public IReadOnlyList<MergedRule>? Find(string host)
    {
        if (_byHost.TryGetValue(host, out var rules))
        {
            return rules;
        }

        var needle = host.AsSpan(host.StartsWith('*') ? 1 : 0);
        string? best = null;
        foreach (var candidate in _byHost.Keys)
        {
            if (candidate.StartsWith('*') && candidate.Length > (best?.Length ?? 0)
                && needle.EndsWith(candidate.AsSpan(1), StringComparison.Ordinal))
            {
                best = candidate;
            }
        }

        return best is null ? null : _byHost[best];
    }

    // An absent selector and one without labels both select by no label.
    private static EquatableDictionary<string> Labels(WorkloadSelector? selector) =>
        selector is { MatchLabels.IsEmpty: false } ? selector.MatchLabels : default;
}
