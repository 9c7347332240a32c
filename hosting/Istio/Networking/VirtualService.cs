using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// Routes requests for some hosts: matching, rewriting, splitting, retrying, timing out, injecting faults. Source:
/// https://istio.io/latest/docs/reference/config/networking/virtual-service/
/// </summary>
public sealed record VirtualService : Resource<VirtualServiceSpec>
{
    /// <summary>An empty resource of version networking.istio.io/v1.</summary>
    public VirtualService()
        : base("networking.istio.io/v1", nameof(VirtualService))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The hosts and the ordered lists of rules for them.</summary>
public sealed record VirtualServiceSpec : SchemaObject
{
    /// <summary>
    /// Hosts that the rules are for: DNS names, a leading "*." wildcard, "*", IP addresses, or service names, which are completed with the
    /// resource's namespace.
    /// </summary>
    public EquatableArray<string> Hosts { get; init; }

    /// <summary>
    /// Gateways and sidecars that apply the rules: "name" or "namespace/name" of a Gateway, and "mesh" for all sidecars. Absent means
    /// "mesh" alone.
    /// </summary>
    public EquatableArray<string> Gateways { get; init; }

    /// <summary>Rules for HTTP traffic, in order; the first that matches wins.</summary>
    public EquatableArray<HTTPRoute> Http { get; init; }

    /// <summary>Rules for TLS traffic that is passed through, by server name; the first that matches wins.</summary>
    public EquatableArray<TLSRoute> Tls { get; init; }

    /// <summary>Rules for other TCP traffic; the first that matches wins.</summary>
    public EquatableArray<TCPRoute> Tcp { get; init; }

    /// <summary>Namespaces that see the rules: "." the own one, "*" all. Absent means all.</summary>
    public EquatableArray<string> ExportTo { get; init; }
}
