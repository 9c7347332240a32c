namespace Gateway.Policies;

/// <summary>Which of Istio's listeners a chain stands for; EnvoyFilters and policies tell them apart.</summary>
internal enum ListenerKind
{
    /// <summary>A gateway: the Istio door.</summary>
    Gateway,

    /// <summary>The caller's sidecar: the mesh role.</summary>
    SidecarOutbound,

    /// <summary>The callee's sidecar: in front of one endpoint.</summary>
    SidecarInbound,
}

/// <summary>A proxy, and one port of it, that policies are compiled for. Each port has filters, and so rate limits, of its own.</summary>
/// <param name="Listener">The kind of listener.</param>
/// <param name="Name">Names the proxy among those of its namespace, so that its state is found again after a reload.</param>
/// <param name="Namespace">The namespace of the gateway's or the workload's pods.</param>
/// <param name="Labels">The labels of those pods.</param>
/// <param name="Port">
/// The port: of the Gateway's server at the Istio door, of the service in the mesh role, of the workload inbound.
/// </param>
internal sealed record ProxyPlace(
    ListenerKind Listener, string Name, string Namespace, IReadOnlyDictionary<string, string> Labels, int Port);
