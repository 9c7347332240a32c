using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// One endpoint of a service outside Kubernetes' own registry: a virtual machine, or here a replica on the laptop.
/// Source: https://istio.io/latest/docs/reference/config/networking/workload-entry/
/// </summary>
public sealed record WorkloadEntry : Resource<WorkloadEntrySpec>
{
    /// <summary>An empty resource of version networking.istio.io/v1.</summary>
    public WorkloadEntry()
        : base("networking.istio.io/v1", nameof(WorkloadEntry))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The address, ports and labels of an endpoint.</summary>
public sealed record WorkloadEntrySpec : SchemaObject
{
    /// <summary>An IP address, a DNS name, or <c>unix:</c> and an absolute path. Without <see cref="Network"/> it is required.</summary>
    [MaxLength(256)]
    public string? Address { get; init; }

    /// <summary>Port numbers by port name. A port that is not here is the service port itself.</summary>
    [MaxLength(128)]
    public EquatableDictionary<uint> Ports { get; init; }

    /// <summary>Labels that selectors and subsets match; merged with the metadata's.</summary>
    [MaxLength(256)]
    public EquatableDictionary<string> Labels { get; init; }

    /// <summary>The network in which the endpoint is reachable; endpoints of one network reach each other directly.</summary>
    [MaxLength(2048)]
    public string? Network { get; init; }

    /// <summary>Region, zone and sub-zone, separated by slashes.</summary>
    [MaxLength(2048)]
    public string? Locality { get; init; }

    /// <summary>Share of the load relative to other endpoints; absent counts as 1.</summary>
    public uint? Weight { get; init; }

    /// <summary>The service account of the workload, in the same namespace.</summary>
    [MaxLength(253)]
    public string? ServiceAccount { get; init; }
}
