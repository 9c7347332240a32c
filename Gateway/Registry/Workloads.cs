using System.Collections.Immutable;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Registry;

/// <summary>The WorkloadEntries of documents, found by their labels.</summary>
internal sealed class Workloads
{
    private readonly ImmutableArray<Workload> _all;
    private readonly EndpointNames? _names;

    private Workloads(ImmutableArray<Workload> all, EndpointNames? names) => (_all, _names) = (all, names);

    /// <summary>Reads the workloads that have an address; one whose address is a name is one for each address of the name.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="names">Looks names up; null leaves them.</param>
    public static Workloads Read(ResourceSet resources, EndpointNames? names = null) =>
        new([.. resources.OfType<WorkloadEntry>()
            .Where(pair => IsReachable(pair.Resource.Spec.Address))
            .SelectMany(pair => At(pair.Resource.Spec, names).Select(spec => Workload.Of(pair.Document, pair.Resource, spec)))], names);

    /// <summary>An endpoint at each of its addresses.</summary>
    public IEnumerable<WorkloadEntrySpec> At(WorkloadEntrySpec spec) => At(spec, _names);

    /// <summary>The addresses of a host that is looked up.</summary>
    public IEnumerable<string> AddressesOf(string host) => _names?.Of(host) ?? [host];

    /// <summary>True for an IP address or a DNS name: other endpoints this gateway cannot reach.</summary>
    public static bool IsReachable(string? address) =>
        !string.IsNullOrEmpty(address) && !address.StartsWith("unix:", StringComparison.Ordinal);

    private static IEnumerable<WorkloadEntrySpec> At(WorkloadEntrySpec spec, EndpointNames? names) =>
        names is null ? [spec] : names.Of(spec.Address!).Select(address => address == spec.Address ? spec : spec with { Address = address });

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
    /// <param name="document">The document.</param>
    /// <param name="entry">What it says.</param>
    /// <param name="spec">Its specification, at one of its addresses.</param>
    public static Workload Of(ResourceDocument document, WorkloadEntry entry, WorkloadEntrySpec spec)
    {
        // istio/istio pilot/pkg/serviceregistry/serviceentry/conversion.go, ConvertWorkloadEntry.
        var labels = new Dictionary<string, string>(entry.Spec.Labels, StringComparer.Ordinal);
        foreach (var (key, value) in entry.Metadata.Labels)
        {
            labels[key] = value;
        }

        return new Workload(new WorkloadKey(document.Namespace, document.Name), labels, spec);
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
