using Istio.Documents;
using k8s.Models;

namespace Istio.Validation.Traps;

/// <summary>A path of an Ingress, with what its controller makes of it.</summary>
internal sealed record IngressPath(Place At, string Host, V1HTTPIngressPath Path, string Service, string? RewriteTarget, bool IsRegex,
    bool IsNginx);

/// <summary>Ingresses as their controllers see them, and the traffic that enters past the mesh.</summary>
internal static class OutsideTraffic
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";
    private const string NginxPrefix = "nginx.ingress.kubernetes.io/";
    private const string RewriteTarget = NginxPrefix + "rewrite-target";
    private const string UseRegex = NginxPrefix + "use-regex";

    /// <summary>All paths of Ingresses whose controller is not Istio itself.</summary>
    public static IEnumerable<IngressPath> Paths(Mesh mesh)
    {
        foreach (var (document, ingress) in mesh.Resources.OfType<V1Ingress>())
        {
            var annotations = Metadata.Annotations(document);
            var controller = ingress.Spec?.IngressClassName ?? annotations.GetValueOrDefault(ClassAnnotation);
            if (ingress.Spec is null || controller == "istio")
            {
                continue;
            }

            var isNginx = controller?.Contains("nginx", StringComparison.Ordinal) ?? annotations.Keys
                .Any(key => key.StartsWith(NginxPrefix, StringComparison.Ordinal));
            var target = isNginx ? annotations.GetValueOrDefault(RewriteTarget) : null;
            var isRegex = isNginx && (!string.IsNullOrEmpty(target) || annotations.GetValueOrDefault(UseRegex) == "true");
            for (var i = 0; i < (ingress.Spec.Rules?.Count ?? 0); i++)
            {
                var rule = ingress.Spec.Rules![i];
                for (var j = 0; j < (rule.Http?.Paths?.Count ?? 0); j++)
                {
                    var path = rule.Http!.Paths![j];
                    yield return new IngressPath(mesh.At(document)["spec"]["rules"][i]["http"]["paths"][j], rule.Host ?? "", path,
                        Mesh.Resolve(path.Backend?.Service?.Name ?? "", document.Namespace), target, isRegex, isNginx);
                }
            }
        }
    }

    /// <summary>Hosts of services that an Ingress controller outside the mesh sends to, with the Ingress.</summary>
    public static ILookup<string, ResourceDocument> Services(Mesh mesh) =>
        Paths(mesh).Where(path => path.Service.Length > 0)
            .Concat(Fallbacks(mesh)).Select(path => (path.Service, path.At.Document))
            .DistinctBy(pair => (pair.Service, pair.Document.Location))
            .ToLookup(pair => pair.Service, pair => pair.Document, StringComparer.Ordinal);

    private static IEnumerable<IngressPath> Fallbacks(Mesh mesh)
    {
        foreach (var (document, ingress) in mesh.Resources.OfType<V1Ingress>())
        {
            if (ingress.Spec?.DefaultBackend?.Service?.Name is { Length: > 0 } name && ingress.Spec.IngressClassName != "istio")
            {
                yield return new IngressPath(mesh.At(document)["spec"]["defaultBackend"], "", new V1HTTPIngressPath(),
                    Mesh.Resolve(name, document.Namespace), null, false, false);
            }
        }
    }
}
