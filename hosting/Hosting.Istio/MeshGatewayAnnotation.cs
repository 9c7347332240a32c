using Aspire.Hosting.ApplicationModel;

namespace Hosting.Istio;

/// <summary>Marks a resource that enforces a mesh's rules, so that it is not itself one of the mesh's services.</summary>
/// <param name="Mesh">The mesh.</param>
internal sealed record MeshGatewayAnnotation(IstioResource Mesh) : IResourceAnnotation;
