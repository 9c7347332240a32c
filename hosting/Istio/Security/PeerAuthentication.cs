using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Security;

/// <summary>
/// Whether workloads accept plain text, mutual TLS or both. Source:
/// https://istio.io/latest/docs/reference/config/security/peer_authentication/
/// </summary>
public sealed record PeerAuthentication : Resource<PeerAuthenticationSpec>
{
    /// <summary>An empty resource of version security.istio.io/v1.</summary>
    public PeerAuthentication()
        : base("security.istio.io/v1", nameof(PeerAuthentication))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The workloads and the mode for them.</summary>
public sealed record PeerAuthenticationSpec : SchemaObject
{
    /// <summary>The workloads, in the resource's namespace. Absent: the whole namespace, or the mesh in the root namespace.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>The mode for all ports. Absent: inherited, in the end PERMISSIVE.</summary>
    public MutualTLS? Mtls { get; init; }

    /// <summary>The mode by port number of the workload (not of the service); needs a selector.</summary>
    public EquatableDictionary<MutualTLS> PortLevelMtls { get; init; }
}

/// <summary>A mode of mutual TLS.</summary>
public sealed record MutualTLS : SchemaObject
{
    /// <summary>The mode; UNSET inherits.</summary>
    [AllowedValues(MutualTlsMode.Unset, MutualTlsMode.Disable, MutualTlsMode.Permissive, MutualTlsMode.Strict)]
    public string? Mode { get; init; }
}

/// <summary>What a workload accepts.</summary>
public static class MutualTlsMode
{
    /// <summary>Inherited from namespace or mesh, in the end PERMISSIVE.</summary>
    public const string Unset = "UNSET";

    /// <summary>Plain text.</summary>
    public const string Disable = "DISABLE";

    /// <summary>Plain text and mutual TLS.</summary>
    public const string Permissive = "PERMISSIVE";

    /// <summary>Mutual TLS only.</summary>
    public const string Strict = "STRICT";
}
