using Istio.Documents;

namespace Gateway.Registry;

/// <summary>One endpoint behind a port of a host, with what load balancing and subsets look at.</summary>
/// <param name="Endpoint">Address and port.</param>
/// <param name="Labels">The labels that subsets select by.</param>
/// <param name="Weight">Share of the load relative to the other endpoints; at least 1.</param>
/// <param name="Workload">The workload whose inbound policies apply.</param>
internal sealed record HostEndpoint(ServiceEndpoint Endpoint, EquatableDictionary<string> Labels, int Weight, WorkloadKey Workload)
{
    /// <summary>Region, zone and sub-zone; empty when not given. Shown, not acted on.</summary>
    public string Locality { get; init; } = "";
}
