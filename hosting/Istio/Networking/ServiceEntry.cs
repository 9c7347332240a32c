using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// Adds a service to the mesh's registry: an external API, or virtual machines. Source:
/// https://istio.io/latest/docs/reference/config/networking/service-entry/
/// </summary>
public sealed record ServiceEntry : Resource<ServiceEntrySpec>
{
    /// <summary>An empty resource of version networking.istio.io/v1.</summary>
    public ServiceEntry()
        : base("networking.istio.io/v1", nameof(ServiceEntry))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The hosts, ports and endpoints of the service.</summary>
public sealed record ServiceEntrySpec : SchemaObject
{
    /// <summary>DNS names of the service; a leading wildcard is allowed.</summary>
    [MaxLength(256)]
    public EquatableArray<string> Hosts { get; init; }

    /// <summary>Virtual addresses of the service, optionally with a prefix length.</summary>
    [MaxLength(256)]
    public EquatableArray<string> Addresses { get; init; }

    /// <summary>Ports of the service.</summary>
    [MaxLength(256)]
    public EquatableArray<ServicePort> Ports { get; init; }

    /// <summary>Whether the service is in the mesh; default MESH_EXTERNAL.</summary>
    [AllowedValues(ServiceLocation.MeshExternal, ServiceLocation.MeshInternal)]
    public string? Location { get; init; }

    /// <summary>How addresses are found; default NONE.</summary>
    [AllowedValues(
        ServiceResolution.None, ServiceResolution.Static, ServiceResolution.Dns, ServiceResolution.DnsRoundRobin,
        ServiceResolution.DynamicDns)]
    public string? Resolution { get; init; }

    /// <summary>The endpoints. Not together with workloadSelector.</summary>
    [MaxLength(4096)]
    public EquatableArray<WorkloadEntrySpec> Endpoints { get; init; }

    /// <summary>Chooses pods and WorkloadEntries of the namespace as endpoints. Not together with endpoints.</summary>
    public NetworkingWorkloadSelector? WorkloadSelector { get; init; }

    /// <summary>Namespaces that see the service: "." the own one, "*" all. Absent means all.</summary>
    public EquatableArray<string> ExportTo { get; init; }

    /// <summary>Names of which the server's certificate must have one.</summary>
    public EquatableArray<string> SubjectAltNames { get; init; }
}

/// <summary>A port of a service.</summary>
public sealed record ServicePort : SchemaObject
{
    /// <summary>Port number, 1 to 65535.</summary>
    public uint? Number { get; init; }

    /// <summary>HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS.</summary>
    [MaxLength(256)]
    public string? Protocol { get; init; }

    /// <summary>A name, unique in the service.</summary>
    [MaxLength(256)]
    public string? Name { get; init; }

    /// <summary>Port of the endpoints; absent means the number.</summary>
    public uint? TargetPort { get; init; }
}

/// <summary>Chooses workloads by their labels, in the spelling of the networking group.</summary>
public sealed record NetworkingWorkloadSelector : SchemaObject
{
    /// <summary>Labels that a workload must all have. Absent matches every workload of the namespace.</summary>
    [MaxLength(256)]
    public EquatableDictionary<string> Labels { get; init; }
}

/// <summary>Whether a service is part of the mesh.</summary>
public static class ServiceLocation
{
    /// <summary>It is not: no mutual TLS.</summary>
    public const string MeshExternal = "MESH_EXTERNAL";

    /// <summary>It is: mutual TLS applies.</summary>
    public const string MeshInternal = "MESH_INTERNAL";
}

/// <summary>How the addresses of a service are found.</summary>
public static class ServiceResolution
{
    /// <summary>The caller's destination address is used as it is.</summary>
    public const string None = "NONE";

    /// <summary>The endpoints' addresses.</summary>
    public const string Static = "STATIC";

    /// <summary>All addresses that DNS gives.</summary>
    public const string Dns = "DNS";

    /// <summary>The first address that DNS gives, anew for each connection.</summary>
    public const string DnsRoundRobin = "DNS_ROUND_ROBIN";

    /// <summary>The name in the Host header or SNI, looked up for each request; for wildcard hosts.</summary>
    public const string DynamicDns = "DYNAMIC_DNS";
}
