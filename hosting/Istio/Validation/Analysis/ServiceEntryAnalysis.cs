using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Analysis;

/// <summary>ServiceEntries whose traffic cannot be told apart, or that contradict each other.</summary>
internal static class ServiceEntryAnalysis
{
    public static void Check(Mesh mesh)
    {
        var entries = mesh.Resources.OfType<ServiceEntry>().ToArray();
        foreach (var (document, entry) in entries
            .Where(pair => pair.Resource.Spec.Addresses.IsEmpty && pair.Resource.Spec.Resolution != ServiceResolution.DynamicDns))
        {
            for (var i = 0; i < entry.Spec.Ports.Count; i++)
            {
                if (string.IsNullOrEmpty(entry.Spec.Ports[i].Protocol) || Protocols.Is(entry.Spec.Ports[i].Protocol, "tcp"))
                {
                    mesh.At(document)["spec"]["ports"][i].Report(AnalysisCodes.AddressesRequired,
                        $"TCP port {entry.Spec.Ports[i].Number} has no address by which Istio could tell its traffic; add addresses, "
                        + "unless Istio allocates them.");
                }
            }
        }

        var byPort = entries.SelectMany(pair => pair.Resource.Spec.Hosts.SelectMany(host => pair.Resource.Spec.Ports.Select((port, index) =>
                (pair.Document, pair.Resource.Spec, Index: index, Protocol: (port.Protocol ?? "").ToUpperInvariant(),
                    Key: (host, port.Number)))))
            .GroupBy(entry => entry.Key);
        foreach (var group in byPort)
        {
            foreach (var entry in group)
            {
                var others = Others.Take(group.Where(other => other.Protocol != entry.Protocol
                    && Others.Than(entry.Document, other.Document)
                    && SeenTogether(entry.Document.Namespace, entry.Spec, other.Document.Namespace, other.Spec))
                    .Select(other => $"{other.Document.Name} ({(other.Protocol.Length == 0 ? "none" : other.Protocol)})"));
                if (others.Length > 0)
                {
                    mesh.At(entry.Document)["spec"]["ports"][entry.Index].Report(AnalysisCodes.ConflictingProtocols,
                        $"Port {group.Key.Number} of {group.Key.host} has another protocol in ServiceEntry {Others.Words(others)}; "
                        + "use one protocol.");
                }
            }
        }
    }

    private static bool SeenTogether(string space, ServiceEntrySpec spec, string otherSpace, ServiceEntrySpec other)
    {
        var (first, second) = (Scope(space, spec), Scope(otherSpace, other));
        return first.Contains("*") || second.Contains("*") || first.Overlaps(second);
    }

    private static HashSet<string> Scope(string space, ServiceEntrySpec spec) =>
        spec.ExportTo.IsEmpty ? ["*"] : [.. spec.ExportTo.Select(entry => entry == "." ? space : entry)];
}
