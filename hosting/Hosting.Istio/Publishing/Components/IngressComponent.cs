namespace Hosting.Istio.Publishing.Components;

/// <summary>The declared Ingresses, for a cluster whose ingress controller executes them.</summary>
internal static class IngressComponent
{
    public static Component Build(PublishedMesh mesh) =>
        mesh.Ingresses.Aggregate(new Component(), static (component, ingress) => component.Add(ingress));
}
