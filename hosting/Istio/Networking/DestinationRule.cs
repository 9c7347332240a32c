using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// What happens to traffic for a service after routing: subsets, load balancing, connection limits, ejection of failing endpoints, TLS.
/// Source: https://istio.io/latest/docs/reference/config/networking/destination-rule/
/// </summary>
public sealed record DestinationRule : Resource<DestinationRuleSpec>
{
    /// <summary>An empty resource of version networking.istio.io/v1.</summary>
    public DestinationRule()
        : base("networking.istio.io/v1", nameof(DestinationRule))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The host and the policies for it.</summary>
public sealed record DestinationRuleSpec : SchemaObject
{
    /// <summary>Service name, or a wildcard such as *.local; a short one is completed with the namespace of the resource.</summary>
    public string? Host { get; init; }

    /// <summary>Policies for all subsets and ports.</summary>
    public TrafficPolicy? TrafficPolicy { get; init; }

    /// <summary>Named groups of endpoints, by their labels.</summary>
    public EquatableArray<Subset> Subsets { get; init; }

    /// <summary>Namespaces that see the rule: "." the own one, "*" all. Absent means all.</summary>
    public EquatableArray<string> ExportTo { get; init; }

    /// <summary>The client workloads, in the resource's namespace, that the rule is for. Absent means all.</summary>
    public WorkloadSelector? WorkloadSelector { get; init; }
}

/// <summary>A named group of a service's endpoints, for example one version.</summary>
public sealed record Subset : SchemaObject
{
    /// <summary>The name that routes use.</summary>
    public string? Name { get; init; }

    /// <summary>Labels that an endpoint must all have. Absent means every endpoint.</summary>
    public EquatableDictionary<string> Labels { get; init; }

    /// <summary>Policies for the subset; each field given replaces the rule's.</summary>
    public TrafficPolicy? TrafficPolicy { get; init; }
}

/// <summary>Load balancing, connection limits, ejection and TLS towards a service.</summary>
public sealed record TrafficPolicy : SchemaObject
{
    /// <summary>How an endpoint is chosen.</summary>
    public LoadBalancerSettings? LoadBalancer { get; init; }

    /// <summary>Limits for connections and requests.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }

    /// <summary>When failing endpoints are taken out. Absent: never.</summary>
    public OutlierDetection? OutlierDetection { get; init; }

    /// <summary>TLS of connections to the service. Absent: automatic mutual TLS within the mesh.</summary>
    public ClientTLSSettings? Tls { get; init; }

    /// <summary>Policies for single ports; they replace those above, field defaults included.</summary>
    [MaxLength(4096)]
    public EquatableArray<PortTrafficPolicy> PortLevelSettings { get; init; }

    /// <summary>Tunnels TCP through an HTTP CONNECT proxy.</summary>
    public TunnelSettings? Tunnel { get; init; }

    /// <summary>Sends the PROXY protocol header to the service.</summary>
    public ProxyProtocol? ProxyProtocol { get; init; }

    /// <summary>Limits concurrent retries in proportion to active requests.</summary>
    public RetryBudget? RetryBudget { get; init; }
}

/// <summary>Policies for one port of a service.</summary>
public sealed record PortTrafficPolicy : SchemaObject
{
    /// <summary>The port.</summary>
    public PortSelector? Port { get; init; }

    /// <summary>How an endpoint is chosen.</summary>
    public LoadBalancerSettings? LoadBalancer { get; init; }

    /// <summary>Limits for connections and requests.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }

    /// <summary>When failing endpoints are taken out. Absent: never.</summary>
    public OutlierDetection? OutlierDetection { get; init; }

    /// <summary>TLS of connections to the port.</summary>
    public ClientTLSSettings? Tls { get; init; }
}

/// <summary>Tunnelling through a proxy.</summary>
public sealed record TunnelSettings : SchemaObject
{
    /// <summary>CONNECT (default) or POST.</summary>
    public string? Protocol { get; init; }

    /// <summary>Host that the tunnel leads to.</summary>
    public string? TargetHost { get; init; }

    /// <summary>Port that the tunnel leads to.</summary>
    public uint? TargetPort { get; init; }
}

/// <summary>The PROXY protocol header.</summary>
public sealed record ProxyProtocol : SchemaObject
{
    /// <summary>Version of the header; default V1.</summary>
    [AllowedValues(ProxyProtocolVersion.V1, ProxyProtocolVersion.V2)]
    public string? Version { get; init; }
}

/// <summary>A limit for concurrent retries.</summary>
public sealed record RetryBudget : SchemaObject
{
    /// <summary>Share of active and pending requests that may be retries, in percent; default 20.</summary>
    [Range(0d, 100d)]
    public double? Percent { get; init; }

    /// <summary>Concurrent retries that are always allowed; default 3.</summary>
    public uint? MinRetryConcurrency { get; init; }

    /// <summary>How long a request counts for the budget; default 0ms, only while it is active.</summary>
    public Duration? BudgetInterval { get; init; }
}

/// <summary>Versions of the PROXY protocol.</summary>
public static class ProxyProtocolVersion
{
    /// <summary>Text header.</summary>
    public const string V1 = "V1";

    /// <summary>Binary header.</summary>
    public const string V2 = "V2";
}
