using System.ComponentModel.DataAnnotations;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// What the sidecars of some workloads accept and which services they know. Source:
/// https://istio.io/latest/docs/reference/config/networking/sidecar/
/// </summary>
public sealed record Sidecar : Resource<SidecarSpec>
{
    /// <summary>An empty resource of version networking.istio.io/v1.</summary>
    public Sidecar()
        : base("networking.istio.io/v1", nameof(Sidecar))
    {
    }

    /// <summary>What the control plane reports.</summary>
    public IstioStatus? Status { get; init; }
}

/// <summary>The workloads and their inbound and outbound listeners.</summary>
public sealed record SidecarSpec : SchemaObject
{
    /// <summary>The workloads, in the resource's namespace. Absent means all of them.</summary>
    public NetworkingWorkloadSelector? WorkloadSelector { get; init; }

    /// <summary>Listeners for traffic to the workload. Absent: one for each port of its services.</summary>
    public EquatableArray<IstioIngressListener> Ingress { get; init; }

    /// <summary>Listeners for traffic from the workload. Absent: all services.</summary>
    public EquatableArray<IstioEgressListener> Egress { get; init; }

    /// <summary>Limits for traffic to the workload; each ingress listener may replace them.</summary>
    public ConnectionPoolSettings? InboundConnectionPool { get; init; }

    /// <summary>What happens to traffic for unknown destinations; absent means the mesh-wide setting.</summary>
    public OutboundTrafficPolicy? OutboundTrafficPolicy { get; init; }
}

/// <summary>A listener for traffic to the workload.</summary>
public sealed record IstioIngressListener : SchemaObject
{
    /// <summary>The port; its number is required.</summary>
    public SidecarPort? Port { get; init; }

    /// <summary>Address to listen on; absent means all addresses of the workload.</summary>
    public string? Bind { get; init; }

    /// <summary>How traffic reaches the listener.</summary>
    [AllowedValues(TrafficCaptureMode.Default, TrafficCaptureMode.Iptables, TrafficCaptureMode.None)]
    public string? CaptureMode { get; init; }

    /// <summary>
    /// Where traffic goes: 127.0.0.1:PORT, 0.0.0.0:PORT, ::PORT forms, or unix:///path. Absent means the workload's port.
    /// </summary>
    public string? DefaultEndpoint { get; init; }

    /// <summary>TLS of the listener, where mutual TLS is off.</summary>
    public ServerTLSSettings? Tls { get; init; }

    /// <summary>Limits for this listener.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }
}

/// <summary>A listener for traffic from the workload.</summary>
public sealed record IstioEgressListener : SchemaObject
{
    /// <summary>The port. Absent: all ports of the hosts.</summary>
    public SidecarPort? Port { get; init; }

    /// <summary>Address or Unix socket to listen on.</summary>
    public string? Bind { get; init; }

    /// <summary>How traffic reaches the listener.</summary>
    [AllowedValues(TrafficCaptureMode.Default, TrafficCaptureMode.Iptables, TrafficCaptureMode.None)]
    public string? CaptureMode { get; init; }

    /// <summary>Services that can be called, as namespace/dnsName; "." is the own namespace, "*" any, "~" none.</summary>
    public EquatableArray<string> Hosts { get; init; }
}

/// <summary>A port of a sidecar's listener.</summary>
public sealed record SidecarPort : SchemaObject
{
    /// <summary>Port number, 1 to 65535.</summary>
    public uint? Number { get; init; }

    /// <summary>HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS.</summary>
    public string? Protocol { get; init; }

    /// <summary>A label for the port.</summary>
    public string? Name { get; init; }

    /// <summary>Deprecated: port of the endpoints.</summary>
    public uint? TargetPort { get; init; }
}

/// <summary>What happens to traffic for unknown destinations.</summary>
public sealed record OutboundTrafficPolicy : SchemaObject
{
    /// <summary>Whether it is let through.</summary>
    [AllowedValues(OutboundTrafficMode.RegistryOnly, OutboundTrafficMode.AllowAny)]
    public string? Mode { get; init; }

    /// <summary>A gateway that unknown traffic is sent to, with ALLOW_ANY.</summary>
    public Destination? EgressProxy { get; init; }
}

/// <summary>How traffic reaches a listener.</summary>
public static class TrafficCaptureMode
{
    /// <summary>As the environment does it.</summary>
    public const string Default = "DEFAULT";

    /// <summary>By redirection with iptables.</summary>
    public const string Iptables = "IPTABLES";

    /// <summary>By an explicit address; nothing is redirected.</summary>
    public const string None = "NONE";
}

/// <summary>What happens to traffic for unknown destinations.</summary>
public static class OutboundTrafficMode
{
    /// <summary>It is dropped.</summary>
    public const string RegistryOnly = "REGISTRY_ONLY";

    /// <summary>It is let through.</summary>
    public const string AllowAny = "ALLOW_ANY";
}
