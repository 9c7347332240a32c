using System.Collections.Immutable;
using Istio.Documents;

namespace Gateway.Registry;

/// <summary>How the endpoints of a host are found.</summary>
internal enum HostResolution
{
    /// <summary>They are known: a Kubernetes Service, or a ServiceEntry with resolution STATIC.</summary>
    Static,

    /// <summary>By DNS, all addresses of each name (DNS) or the first one (DNS_ROUND_ROBIN).</summary>
    Dns,

    /// <summary>By DNS, from the name in the request (DYNAMIC_DNS).</summary>
    DynamicDns,

    /// <summary>The request goes to the address that the caller asked for (NONE).</summary>
    None,
}

/// <summary>A port of a host.</summary>
/// <param name="Number">The port that callers name.</param>
/// <param name="Name">Its name; empty when it has none.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Endpoints">The endpoints; none is answered with 503.</param>
internal sealed record HostPort(int Number, string Name, PortProtocol Protocol, ImmutableArray<HostEndpoint> Endpoints)
{
    /// <summary>With resolution NONE: the port of the address asked for that is used instead; 0 for the same.</summary>
    public int PassthroughPort { get; init; }
}

/// <summary>A host that the mesh knows: a Kubernetes Service, or a host of a ServiceEntry.</summary>
/// <param name="Name">The full name, such as <c>ping.default.svc.cluster.local</c>; it may begin with a wildcard.</param>
/// <param name="Namespace">The namespace of the resource.</param>
/// <param name="Ports">Its ports, in the resource's order.</param>
/// <param name="Document">The resource.</param>
internal sealed record ServiceHost(string Name, string Namespace, ImmutableArray<HostPort> Ports, ResourceDocument Document)
{
    /// <summary>How the endpoints are found.</summary>
    public HostResolution Resolution { get; init; }

    /// <summary>Whether the service is outside the mesh, so that no mutual TLS applies.</summary>
    public bool IsExternal { get; init; }

    /// <summary>True when it is a Kubernetes Service.</summary>
    public bool IsKubernetes { get; init; }

    /// <summary>True when it is a Kubernetes Service without a virtual address: callers connect to an endpoint themselves.</summary>
    public bool IsHeadless { get; init; }

    /// <summary>The host that a Service of type ExternalName stands for; null for any other.</summary>
    public string? Alias { get; init; }

    /// <summary>True when the name begins with a wildcard.</summary>
    public bool IsWildcard => Name.StartsWith('*');

    /// <summary>Namespaces that see the host; "." the own one, "*" all. Empty means all.</summary>
    public ImmutableArray<string> ExportTo { get; init; } = [];

    /// <summary>Virtual addresses of the service, as they are written.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>Names of which the server's certificate must have one, where a DestinationRule names none.</summary>
    public ImmutableArray<string> SubjectAltNames { get; init; } = [];

    /// <summary>Finds a port by its number.</summary>
    public HostPort? FindPort(int number)
    {
        foreach (var port in Ports)
        {
            if (port.Number == number)
            {
                return port;
            }
        }

        return null;
    }

    /// <summary>True when a name is this host's, or is covered by its wildcard.</summary>
    public bool Matches(string fullName) =>
        Name == fullName || (IsWildcard && fullName.AsSpan().EndsWith(Name.AsSpan(1), StringComparison.Ordinal));

    /// <summary>True when workloads of a namespace see the host.</summary>
    public bool IsVisibleTo(string @namespace) => Exports.AreVisible(ExportTo, Namespace, @namespace);

    /// <summary><c>namespace/name</c>.</summary>
    public override string ToString() => $"{Namespace}/{Name}";
}
