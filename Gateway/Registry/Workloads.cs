using System.Collections.Immutable;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Registry;

/// <summary>The WorkloadEntries of documents, found by their labels.</summary>
internal sealed class Workloads
{
    private readonly ImmutableArray<Workload> _all;

    private Workloads(ImmutableArray<Workload> all) => _all = all;

    /// <summary>Reads the workloads that have an address.</summary>
    public static Workloads Read(ResourceSet resources) =>
        new([.. resources.OfType<WorkloadEntry>()
            .Where(pair => IsReachable(pair.Resource.Spec.Address))
            .Select(pair => Workload.Of(pair.Document, pair.Resource))]);

    /// <summary>True for an IP address or a DNS name: other endpoints this gateway cannot reach.</summary>
    public static bool IsReachable(string? address) =>
        !string.IsNullOrEmpty(address) && !address.StartsWith("unix:", StringComparison.Ordinal);

    /// <summary>The workloads of a namespace that have all these labels.</summary>
    public IEnumerable<Workload> Select(string @namespace, IEnumerable<KeyValuePair<string, string>> selector) =>
        _all.Where(workload => workload.Key.Namespace == @namespace
            && selector.All(label => workload.Labels.TryGetValue(label.Key, out var value) && value == label.Value));
}

/// <summary>A WorkloadEntry.</summary>
/// <param name="Key">Its namespace and name.</param>
/// <param name="Labels">The labels of <c>spec.labels</c> and of <c>metadata.labels</c>, which count first.</param>
/// <param name="Spec">Its specification.</param>
internal sealed record Workload(WorkloadKey Key, EquatableDictionary<string> Labels, WorkloadEntrySpec Spec)
{
    /// <summary>Reads a document.</summary>
    public static Workload Of(ResourceDocument document, WorkloadEntry entry)
    {
        // istio/istio pilot/pkg/serviceregistry/serviceentry/conversion.go, ConvertWorkloadEntry.
        var labels = new Dictionary<string, string>(entry.Spec.Labels, StringComparer.Ordinal);
        foreach (var (key, value) in entry.Metadata.Labels)
        {
            labels[key] = value;
        }

        return new Workload(new WorkloadKey(document.Namespace, document.Name), labels, entry.Spec);
    }

    /// <summary>The workload as an endpoint of a service.</summary>
    /// <param name="port">Its port.</param>
    public HostEndpoint At(int port) => Endpoint(Spec, Labels, port, Key);

    /// <summary>An endpoint that a specification describes.</summary>
    public static HostEndpoint Endpoint(WorkloadEntrySpec spec, EquatableDictionary<string> labels, int port, WorkloadKey key) =>
        new(new ServiceEndpoint(spec.Address!, port), labels, (int)Math.Clamp(spec.Weight ?? 1, 1, int.MaxValue), key)
        {
            Locality = spec.Locality ?? "",
        };
}
