using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.GatewayApi;

/// <summary>
/// A load balancer at the edge: its listeners. Routes bind to it by name. Source: https://gateway-api.sigs.k8s.io/reference/spec/#gateway
/// </summary>
public sealed record Gateway : Resource<GatewaySpec>
{
    /// <summary>An empty resource of version gateway.networking.k8s.io/v1.</summary>
    public Gateway()
        : base("gateway.networking.k8s.io/v1", nameof(Gateway))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public GatewayStatus? Status { get; init; }
}

/// <summary>The class of implementation and the listeners.</summary>
public sealed record GatewaySpec : SchemaObject
{
    /// <summary>Which implementation runs it, for example istio.</summary>
    [MaxLength(253)]
    public string? GatewayClassName { get; init; }

    /// <summary>Ports, hosts and TLS.</summary>
    [MaxLength(64)]
    public EquatableArray<Listener> Listeners { get; init; }

    /// <summary>Addresses that are asked for. Absent: the implementation chooses.</summary>
    [MaxLength(16)]
    public EquatableArray<GatewaySpecAddress> Addresses { get; init; }

    /// <summary>Labels, annotations and parameters of what is created for the gateway.</summary>
    public GatewayInfrastructure? Infrastructure { get; init; }

    /// <summary>Experimental: which ListenerSets may add listeners.</summary>
    public AllowedListeners? AllowedListeners { get; init; }

    /// <summary>TLS towards clients and services for the whole gateway.</summary>
    public GatewayTLSConfig? Tls { get; init; }

    /// <summary>Experimental: whether the gateway is a default gateway; All or None.</summary>
    public string? DefaultScope { get; init; }
}

/// <summary>A port with its hosts, protocol and TLS.</summary>
public sealed record Listener : SchemaObject
{
    /// <summary>Name, unique in the gateway.</summary>
    [MaxLength(253)]
    public string? Name { get; init; }

    /// <summary>Host that is accepted; a leading wildcard label is allowed. Absent: all.</summary>
    [MaxLength(253)]
    public string? Hostname { get; init; }

    /// <summary>Port number, 1 to 65535.</summary>
    public int? Port { get; init; }

    /// <summary>HTTP, HTTPS, TLS, TCP or UDP.</summary>
    [MaxLength(255)]
    public string? Protocol { get; init; }

    /// <summary>TLS of the listener; required for HTTPS and TLS.</summary>
    public ListenerTLSConfig? Tls { get; init; }

    /// <summary>Which routes may bind; default those of the same namespace.</summary>
    public AllowedRoutes? AllowedRoutes { get; init; }
}

/// <summary>TLS of a listener.</summary>
public sealed record ListenerTLSConfig : SchemaObject
{
    /// <summary>How TLS is ended; default Terminate.</summary>
    [AllowedValues(TLSModeType.Terminate, TLSModeType.Passthrough)]
    public string? Mode { get; init; }

    /// <summary>Secrets with certificates, for Terminate.</summary>
    [MaxLength(64)]
    public EquatableArray<SecretObjectReference> CertificateRefs { get; init; }

    /// <summary>Experimental: how client certificates are checked.</summary>
    public FrontendTLSValidation? FrontendValidation { get; init; }

    /// <summary>Settings of the implementation's own.</summary>
    [MaxLength(16)]
    public EquatableDictionary<string> Options { get; init; }
}

/// <summary>Names a Secret.</summary>
public sealed record SecretObjectReference : SchemaObject
{
    /// <summary>API group; default the core group.</summary>
    [MaxLength(253)]
    public string? Group { get; init; }

    /// <summary>Kind; default Secret.</summary>
    [MaxLength(63)]
    public string? Kind { get; init; }

    /// <summary>Name.</summary>
    [MaxLength(253)]
    public string? Name { get; init; }

    /// <summary>Namespace; another one needs a ReferenceGrant there. Absent means the gateway's own.</summary>
    [MaxLength(63)]
    public string? Namespace { get; init; }
}

/// <summary>Names a resource.</summary>
public sealed record ObjectReference : SchemaObject
{
    /// <summary>API group; empty for the core group.</summary>
    [MaxLength(253)]
    public string? Group { get; init; }

    /// <summary>Kind.</summary>
    [MaxLength(63)]
    public string? Kind { get; init; }

    /// <summary>Name.</summary>
    [MaxLength(253)]
    public string? Name { get; init; }

    /// <summary>Namespace; another one needs a ReferenceGrant there. Absent means the gateway's own.</summary>
    [MaxLength(63)]
    public string? Namespace { get; init; }
}

/// <summary>Which routes may bind to a listener.</summary>
public sealed record AllowedRoutes : SchemaObject
{
    /// <summary>From which namespaces; default the same one.</summary>
    public RouteNamespaces? Namespaces { get; init; }

    /// <summary>Which kinds. Absent: those of the protocol.</summary>
    [MaxLength(8)]
    public EquatableArray<RouteGroupKind> Kinds { get; init; }
}

/// <summary>From which namespaces routes may bind.</summary>
public sealed record RouteNamespaces : SchemaObject
{
    /// <summary>Which namespaces; default Same.</summary>
    [AllowedValues(FromNamespaces.All, FromNamespaces.Same, FromNamespaces.Selector, FromNamespaces.None)]
    public string? From { get; init; }

    /// <summary>Labels of the namespaces, for Selector.</summary>
    public LabelSelector? Selector { get; init; }
}

/// <summary>Which ListenerSets may add listeners to a gateway.</summary>
public sealed record AllowedListeners : SchemaObject
{
    /// <summary>From which namespaces; default None.</summary>
    public RouteNamespaces? Namespaces { get; init; }
}

/// <summary>A condition on labels; all of it must hold.</summary>
public sealed record LabelSelector : SchemaObject
{
    /// <summary>Labels that must be there with these values.</summary>
    public EquatableDictionary<string> MatchLabels { get; init; }

    /// <summary>Further conditions.</summary>
    public EquatableArray<LabelSelectorRequirement> MatchExpressions { get; init; }
}

/// <summary>A condition on one label.</summary>
public sealed record LabelSelectorRequirement : SchemaObject
{
    /// <summary>The label's key.</summary>
    public string? Key { get; init; }

    /// <summary>In, NotIn, Exists or DoesNotExist.</summary>
    public string? Operator { get; init; }

    /// <summary>Values for In and NotIn.</summary>
    public EquatableArray<string> Values { get; init; }
}

/// <summary>A kind of routes.</summary>
public sealed record RouteGroupKind : SchemaObject
{
    /// <summary>API group; default gateway.networking.k8s.io.</summary>
    [MaxLength(253)]
    public string? Group { get; init; }

    /// <summary>Kind.</summary>
    [MaxLength(63)]
    public string? Kind { get; init; }
}

/// <summary>An address that is asked for.</summary>
public sealed record GatewaySpecAddress : SchemaObject
{
    /// <summary>IPAddress (default), Hostname, or a domain-prefixed type.</summary>
    [MaxLength(253)]
    public string? Type { get; init; }

    /// <summary>The address.</summary>
    [MaxLength(253)]
    public string? Value { get; init; }
}

/// <summary>Labels, annotations and parameters of what is created for a gateway.</summary>
public sealed record GatewayInfrastructure : SchemaObject
{
    /// <summary>Labels.</summary>
    [MaxLength(8)]
    public EquatableDictionary<string> Labels { get; init; }

    /// <summary>Annotations.</summary>
    [MaxLength(16)]
    public EquatableDictionary<string> Annotations { get; init; }

    /// <summary>A resource with more settings.</summary>
    public LocalObjectReference? ParametersRef { get; init; }
}

/// <summary>TLS towards clients and services for a whole gateway.</summary>
public sealed record GatewayTLSConfig : SchemaObject
{
    /// <summary>Towards services.</summary>
    public GatewayBackendTLS? Backend { get; init; }

    /// <summary>Towards clients.</summary>
    public FrontendTLSConfig? Frontend { get; init; }
}

/// <summary>TLS towards services.</summary>
public sealed record GatewayBackendTLS : SchemaObject
{
    /// <summary>Secret with the certificate that the gateway presents.</summary>
    public SecretObjectReference? ClientCertificateRef { get; init; }
}

/// <summary>TLS towards clients.</summary>
public sealed record FrontendTLSConfig : SchemaObject
{
    /// <summary>For every HTTPS port that has no entry of its own.</summary>
    public TLSConfig? Default { get; init; }

    /// <summary>For single ports.</summary>
    [MaxLength(64)]
    public EquatableArray<TLSPortConfig> PerPort { get; init; }
}

/// <summary>TLS towards clients on one port.</summary>
public sealed record TLSPortConfig : SchemaObject
{
    /// <summary>The port.</summary>
    public int? Port { get; init; }

    /// <summary>The settings.</summary>
    public TLSConfig? Tls { get; init; }
}

/// <summary>Settings of TLS towards clients.</summary>
public sealed record TLSConfig : SchemaObject
{
    /// <summary>How client certificates are checked.</summary>
    public FrontendTLSValidation? Validation { get; init; }
}

/// <summary>How client certificates are checked.</summary>
public sealed record FrontendTLSValidation : SchemaObject
{
    /// <summary>ConfigMaps or Secrets with the accepted authorities.</summary>
    [MaxLength(16)]
    public EquatableArray<ObjectReference> CaCertificateRefs { get; init; }

    /// <summary>AllowValidOnly (default) or AllowInsecureFallback.</summary>
    public string? Mode { get; init; }
}

/// <summary>How a listener ends TLS.</summary>
public static class TLSModeType
{
    /// <summary>With the listener's certificate.</summary>
    public const string Terminate = "Terminate";

    /// <summary>Not at all: routed by server name.</summary>
    public const string Passthrough = "Passthrough";
}

/// <summary>From which namespaces routes may bind.</summary>
public static class FromNamespaces
{
    /// <summary>All.</summary>
    public const string All = "All";

    /// <summary>The gateway's own.</summary>
    public const string Same = "Same";

    /// <summary>Those that the selector matches.</summary>
    public const string Selector = "Selector";

    /// <summary>None.</summary>
    public const string None = "None";
}
