using Gateway.Ingress;
using Gateway.Proxy;
using Gateway.Registry;

namespace Gateway.Mesh;

/// <summary>Everything a mesh folder says, compiled. Immutable: a request that began with one ends with it.</summary>
/// <param name="Ingress">The Ingress door.</param>
/// <param name="Registry">The services and their endpoints, as the Ingress door knows them.</param>
/// <param name="Proxies">The Istio door and the mesh role.</param>
internal sealed record MeshSnapshot(IngressDoor Ingress, ServiceRegistry Registry, ProxySet Proxies);
