using Aspire.Hosting.ApplicationModel;
using Istio.Documents;
using Istio.Security;

namespace Hosting.Istio.Publishing.Components;

/// <summary>
/// Istio's rules as they were declared, and how workloads speak TLS with each other: PERMISSIVE, because an ingress controller outside the
/// mesh and a NodePort send plain text; or STRICT, except on the ports that those reach.
/// </summary>
internal static class IstioComponent
{
    public static Component Build(PublishedMesh mesh)
    {
        var component = new Component();
        foreach (var rule in mesh.ApplicationRules.Where(PublishedMesh.IsIstio))
        {
            component.Add(rule);
        }

        // What was declared for the whole namespace stands.
        if (mesh.ApplicationRules.Select(rule => rule.Resource).OfType<PeerAuthentication>()
            .Any(authentication => authentication.Spec.Selector?.MatchLabels is null or { IsEmpty: true }))
        {
            return component;
        }

        component.Add(PeerAuthentication.For("default", mesh.Options.StrictMtls ? MutualTlsMode.Strict : MutualTlsMode.Permissive));
        foreach (var exempt in mesh.Options.StrictMtls ? ReachedFromOutside(mesh) : [])
        {
            component.Add(Exemption(exempt));
        }

        return component;
    }

    /// <summary>The resources that something without a sidecar reaches: an Ingress, a NodePort, or everybody our gateway.</summary>
    public static IEnumerable<IResourceWithEndpoints> ReachedFromOutside(PublishedMesh mesh)
    {
        var behindIngress = mesh.Ingresses
            .SelectMany(ingress => ingress.Spec.Rules ?? []).SelectMany(rule => rule.Http?.Paths ?? [])
            .Select(path => path.Backend.Service?.Name)
            .Concat(mesh.Ingresses.Select(ingress => ingress.Spec.DefaultBackend?.Service?.Name))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return mesh.Services
            .Where(service => behindIngress.Contains(service.Name) || service.Annotations.OfType<NodePortAnnotation>().Any())
            .Concat(mesh.Gateways);
    }

    private static PeerAuthentication Exemption(IResourceWithEndpoints resource) =>
        MeshServices.ServiceFor(resource).Spec.Ports.Aggregate(
            PeerAuthentication.For(resource.Name, MutualTlsMode.Strict, ("app", resource.Name)),
            static (authentication, port) => authentication.Port(port.Port, MutualTlsMode.Permissive));
}
