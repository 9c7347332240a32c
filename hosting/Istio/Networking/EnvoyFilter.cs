using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// Changes the Envoy configuration that Istio generates. Source: https://istio.io/latest/docs/reference/config/networking/envoy-filter/
/// </summary>
public sealed record EnvoyFilter : Resource<EnvoyFilterSpec>
{
    /// <summary>An empty resource of version networking.istio.io/v1alpha3.</summary>
    public EnvoyFilter()
        : base("networking.istio.io/v1alpha3", nameof(EnvoyFilter))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The workloads and the changes.</summary>
public sealed record EnvoyFilterSpec : SchemaObject
{
    /// <summary>The workloads, in the resource's namespace. Absent means all of them. Not together with targetRefs.</summary>
    public NetworkingWorkloadSelector? WorkloadSelector { get; init; }

    /// <summary>Gateways or services whose waypoint the changes are for.</summary>
    [MaxLength(16)]
    public EquatableArray<PolicyTargetReference> TargetRefs { get; init; }

    /// <summary>The changes, in order.</summary>
    public EquatableArray<EnvoyConfigObjectPatch> ConfigPatches { get; init; }

    /// <summary>Order among EnvoyFilters: lower goes first; default 0.</summary>
    public int? Priority { get; init; }
}

/// <summary>One change: what kind of object, which of them, and what is done.</summary>
public sealed record EnvoyConfigObjectPatch : SchemaObject
{
    /// <summary>The kind of configuration object.</summary>
    [AllowedValues(
        PatchTarget.Invalid, PatchTarget.Listener, PatchTarget.FilterChain, PatchTarget.NetworkFilter, PatchTarget.HttpFilter,
        PatchTarget.RouteConfiguration, PatchTarget.VirtualHost, PatchTarget.HttpRoute, PatchTarget.Cluster,
        PatchTarget.ExtensionConfig, PatchTarget.Bootstrap, PatchTarget.ListenerFilter)]
    public string? ApplyTo { get; init; }

    /// <summary>Which objects. Absent matches all of the kind.</summary>
    public EnvoyConfigObjectMatch? Match { get; init; }

    /// <summary>What is done to them.</summary>
    public Patch? Patch { get; init; }
}

/// <summary>What is done to a configuration object.</summary>
public sealed record Patch : SchemaObject
{
    /// <summary>Whether the value is added, merged, or something is removed.</summary>
    [AllowedValues(
        PatchOperation.Invalid, PatchOperation.Merge, PatchOperation.Add, PatchOperation.Remove, PatchOperation.InsertBefore,
        PatchOperation.InsertAfter, PatchOperation.InsertFirst, PatchOperation.Replace)]
    public string? Operation { get; init; }

    /// <summary>A piece of Envoy configuration as JSON of its protobuf messages.</summary>
    public RawJson? Value { get; init; }

    /// <summary>Where a filter is inserted relative to Istio's own.</summary>
    [AllowedValues(PatchFilterClass.Unspecified, PatchFilterClass.Authn, PatchFilterClass.Authz, PatchFilterClass.Stats)]
    public string? FilterClass { get; init; }
}

/// <summary>
/// Conditions on a configuration object: the place, the proxy, and one of listener, routeConfiguration, cluster and waypoint.
/// </summary>
public sealed record EnvoyConfigObjectMatch : SchemaObject
{
    /// <summary>Whether the object is for inbound or outbound traffic, or at a gateway.</summary>
    [AllowedValues(
        PatchContext.Any, PatchContext.SidecarInbound, PatchContext.SidecarOutbound, PatchContext.Gateway, PatchContext.Waypoint)]
    public string? Context { get; init; }

    /// <summary>Conditions on the proxy.</summary>
    public ProxyMatch? Proxy { get; init; }

    /// <summary>Conditions on a listener.</summary>
    public ListenerMatch? Listener { get; init; }

    /// <summary>Conditions on an HTTP route configuration.</summary>
    public RouteConfigurationMatch? RouteConfiguration { get; init; }

    /// <summary>Conditions on a cluster.</summary>
    public ClusterMatch? Cluster { get; init; }

    /// <summary>Conditions on a waypoint's configuration.</summary>
    public WaypointMatch? Waypoint { get; init; }
}

/// <summary>Conditions on a proxy.</summary>
public sealed record ProxyMatch : SchemaObject
{
    /// <summary>Regular expression for the proxy's Istio version.</summary>
    public string? ProxyVersion { get; init; }

    /// <summary>Metadata the proxy must have.</summary>
    public EquatableDictionary<string> Metadata { get; init; }
}

/// <summary>Conditions on a cluster.</summary>
public sealed record ClusterMatch : SchemaObject
{
    /// <summary>Port of the service.</summary>
    public uint? PortNumber { get; init; }

    /// <summary>Full name of the service.</summary>
    public string? Service { get; init; }

    /// <summary>Name of the subset.</summary>
    public string? Subset { get; init; }

    /// <summary>Name of the cluster.</summary>
    public string? Name { get; init; }
}

/// <summary>Conditions on an HTTP route configuration.</summary>
public sealed record RouteConfigurationMatch : SchemaObject
{
    /// <summary>Port of the service or gateway server.</summary>
    public uint? PortNumber { get; init; }

    /// <summary>Name of the gateway server's port.</summary>
    public string? PortName { get; init; }

    /// <summary>The Gateway, as namespace/name.</summary>
    public string? Gateway { get; init; }

    /// <summary>Conditions on a virtual host in it.</summary>
    public VirtualHostMatch? Vhost { get; init; }

    /// <summary>Name of the route configuration.</summary>
    public string? Name { get; init; }
}

/// <summary>Conditions on a virtual host.</summary>
public sealed record VirtualHostMatch : SchemaObject
{
    /// <summary>Name of the virtual host, host:port.</summary>
    public string? Name { get; init; }

    /// <summary>A domain of the virtual host.</summary>
    public string? DomainName { get; init; }

    /// <summary>Conditions on a route in it.</summary>
    public RouteMatch? Route { get; init; }
}

/// <summary>Conditions on a route.</summary>
public sealed record RouteMatch : SchemaObject
{
    /// <summary>Name of the route: the VirtualService rule's.</summary>
    public string? Name { get; init; }

    /// <summary>What the route does.</summary>
    [AllowedValues(RouteAction.Any, RouteAction.Route, RouteAction.Redirect, RouteAction.DirectResponse)]
    public string? Action { get; init; }
}

/// <summary>Conditions on a listener.</summary>
public sealed record ListenerMatch : SchemaObject
{
    /// <summary>Port of the listener.</summary>
    public uint? PortNumber { get; init; }

    /// <summary>Not used by Istio any more.</summary>
    public string? PortName { get; init; }

    /// <summary>Conditions on a filter chain in it.</summary>
    public FilterChainMatch? FilterChain { get; init; }

    /// <summary>Name of a listener filter.</summary>
    public string? ListenerFilter { get; init; }

    /// <summary>Name of the listener.</summary>
    public string? Name { get; init; }
}

/// <summary>Conditions on a filter chain.</summary>
public sealed record FilterChainMatch : SchemaObject
{
    /// <summary>Name of the chain.</summary>
    public string? Name { get; init; }

    /// <summary>Server name that the chain is for.</summary>
    public string? Sni { get; init; }

    /// <summary>Transport protocol that the chain is for: raw_buffer or tls.</summary>
    public string? TransportProtocol { get; init; }

    /// <summary>Name of the transport socket that the chain is configured with.</summary>
    public string? TransportSocket { get; init; }

    /// <summary>Application protocols (ALPN) that the chain is for, separated by commas.</summary>
    public string? ApplicationProtocols { get; init; }

    /// <summary>Conditions on a filter in it.</summary>
    public FilterMatch? Filter { get; init; }

    /// <summary>Destination port that the chain is for.</summary>
    public uint? DestinationPort { get; init; }
}

/// <summary>Conditions on a network filter.</summary>
public sealed record FilterMatch : SchemaObject
{
    /// <summary>Name of the filter.</summary>
    public string? Name { get; init; }

    /// <summary>Conditions on a filter within it, such as an HTTP filter.</summary>
    public SubFilterMatch? SubFilter { get; init; }
}

/// <summary>Conditions on a filter within a filter.</summary>
public sealed record SubFilterMatch : SchemaObject
{
    /// <summary>Name of the filter.</summary>
    public string? Name { get; init; }
}

/// <summary>Conditions on a waypoint's configuration.</summary>
public sealed record WaypointMatch : SchemaObject
{
    /// <summary>Port of the service; absent matches all.</summary>
    public uint? PortNumber { get; init; }

    /// <summary>Conditions on a filter.</summary>
    public FilterMatch? Filter { get; init; }

    /// <summary>Conditions on a route.</summary>
    public WaypointRouteMatch? Route { get; init; }
}

/// <summary>Conditions on a route of a waypoint.</summary>
public sealed record WaypointRouteMatch : SchemaObject
{
    /// <summary>Name of the route.</summary>
    public string? Name { get; init; }
}

/// <summary>Kinds of configuration objects.</summary>
public static class PatchTarget
{
    /// <summary>Not set.</summary>
    public const string Invalid = "INVALID";

    /// <summary>A listener.</summary>
    public const string Listener = "LISTENER";

    /// <summary>A filter chain of a listener.</summary>
    public const string FilterChain = "FILTER_CHAIN";

    /// <summary>A network filter of a chain.</summary>
    public const string NetworkFilter = "NETWORK_FILTER";

    /// <summary>A filter of the HTTP connection manager.</summary>
    public const string HttpFilter = "HTTP_FILTER";

    /// <summary>A route configuration.</summary>
    public const string RouteConfiguration = "ROUTE_CONFIGURATION";

    /// <summary>A virtual host of a route configuration.</summary>
    public const string VirtualHost = "VIRTUAL_HOST";

    /// <summary>A route of a virtual host.</summary>
    public const string HttpRoute = "HTTP_ROUTE";

    /// <summary>A cluster.</summary>
    public const string Cluster = "CLUSTER";

    /// <summary>An extension delivered by discovery.</summary>
    public const string ExtensionConfig = "EXTENSION_CONFIG";

    /// <summary>The proxy's bootstrap.</summary>
    public const string Bootstrap = "BOOTSTRAP";

    /// <summary>A filter of a listener.</summary>
    public const string ListenerFilter = "LISTENER_FILTER";
}

/// <summary>Where a configuration object is used.</summary>
public static class PatchContext
{
    /// <summary>Everywhere (default).</summary>
    public const string Any = "ANY";

    /// <summary>In a sidecar, for traffic to the workload.</summary>
    public const string SidecarInbound = "SIDECAR_INBOUND";

    /// <summary>In a sidecar, for traffic from the workload.</summary>
    public const string SidecarOutbound = "SIDECAR_OUTBOUND";

    /// <summary>In a gateway.</summary>
    public const string Gateway = "GATEWAY";

    /// <summary>In a waypoint.</summary>
    public const string Waypoint = "WAYPOINT";
}

/// <summary>What is done to a configuration object.</summary>
public static class PatchOperation
{
    /// <summary>Not set.</summary>
    public const string Invalid = "INVALID";

    /// <summary>The value is merged into it.</summary>
    public const string Merge = "MERGE";

    /// <summary>The value is added to the list.</summary>
    public const string Add = "ADD";

    /// <summary>It is removed.</summary>
    public const string Remove = "REMOVE";

    /// <summary>The value is inserted before it.</summary>
    public const string InsertBefore = "INSERT_BEFORE";

    /// <summary>The value is inserted after it.</summary>
    public const string InsertAfter = "INSERT_AFTER";

    /// <summary>The value is inserted at the beginning.</summary>
    public const string InsertFirst = "INSERT_FIRST";

    /// <summary>The value takes its place.</summary>
    public const string Replace = "REPLACE";
}

/// <summary>Where a filter is inserted relative to Istio's own.</summary>
public static class PatchFilterClass
{
    /// <summary>By the other conditions only.</summary>
    public const string Unspecified = "UNSPECIFIED";

    /// <summary>After Istio's authentication filters.</summary>
    public const string Authn = "AUTHN";

    /// <summary>After Istio's authorization filters.</summary>
    public const string Authz = "AUTHZ";

    /// <summary>Before Istio's metrics filters.</summary>
    public const string Stats = "STATS";
}

/// <summary>What a route does.</summary>
public static class RouteAction
{
    /// <summary>Anything.</summary>
    public const string Any = "ANY";

    /// <summary>It forwards.</summary>
    public const string Route = "ROUTE";

    /// <summary>It redirects.</summary>
    public const string Redirect = "REDIRECT";

    /// <summary>It answers directly.</summary>
    public const string DirectResponse = "DIRECT_RESPONSE";
}
