using Gateway.Ingress;
using Gateway.Registry;

namespace Gateway.Mesh;

/// <summary>Everything a mesh folder says, compiled. Immutable: a request that began with one ends with it.</summary>
/// <param name="Ingress">The Ingress door.</param>
/// <param name="Registry">The services and their endpoints.</param>
internal sealed record MeshSnapshot(IngressDoor Ingress, ServiceRegistry Registry);
