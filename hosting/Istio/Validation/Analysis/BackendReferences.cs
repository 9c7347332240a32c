using Istio.GatewayApi;
using Istio.Validation.Syntax;
using k8s.Models;

namespace Istio.Validation.Analysis;

/// <summary>The Services that HTTPRoutes and Ingresses name as backends.</summary>
internal static class BackendReferences
{
    public static void Check(Mesh mesh)
    {
        foreach (var (document, route) in mesh.Resources.OfType<HTTPRoute>())
        {
            for (var i = 0; i < route.Spec.Rules.Count; i++)
            {
                CheckRule(mesh, mesh.At(document)["spec"]["rules"][i], route.Spec.Rules[i]);
            }
        }

        foreach (var (document, ingress) in mesh.Resources.OfType<V1Ingress>())
        {
            foreach (var (at, backend) in IngressBackends(mesh.At(document)["spec"], ingress))
            {
                // The AWS load balancer controller reads such a backend from an annotation; its name is no Service's.
                if (backend.Port?.Name == "use-annotation")
                {
                    continue;
                }

                CheckService(mesh, at, "name", backend.Name, document.Namespace, backend.Port?.Number, backend.Port?.Name);
            }
        }
    }

    private static void CheckRule(Mesh mesh, Place at, HTTPRouteRule rule)
    {
        for (var i = 0; i < rule.BackendRefs.Count; i++)
        {
            var backend = rule.BackendRefs[i];
            if (string.IsNullOrEmpty(backend.Group) && backend.Kind is null or "Service")
            {
                CheckService(mesh, at["backendRefs"][i], "name", backend.Name, backend.Namespace ?? at.Document.Namespace, backend.Port,
                    null);
            }
        }
    }

    private static IEnumerable<(Place At, V1IngressServiceBackend Backend)> IngressBackends(Place at, V1Ingress ingress)
    {
        if (ingress.Spec?.DefaultBackend?.Service is { } fallback)
        {
            yield return (at["defaultBackend"]["service"], fallback);
        }

        for (var i = 0; i < (ingress.Spec?.Rules?.Count ?? 0); i++)
        {
            var paths = ingress.Spec!.Rules[i].Http?.Paths ?? [];
            for (var j = 0; j < paths.Count; j++)
            {
                if (paths[j].Backend?.Service is { } service)
                {
                    yield return (at["rules"][i]["http"]["paths"][j]["backend"]["service"], service);
                }
            }
        }
    }

    private static void CheckService(Mesh mesh, Place at, string member, string? name, string space, int? number, string? portName)
    {
        if (string.IsNullOrEmpty(name) || !mesh.HasServicesOf(space))
        {
            return;
        }

        if (mesh.FindService(Mesh.Resolve(name, space)) is not { } service)
        {
            var names = mesh.ServicesIn(space).Take(500).Select(known => known.Document.Name);
            at[member].Report(AnalysisCodes.NotFound, $"There is no Service \"{name}\" in namespace {space}; "
                + (Spelling.Nearest(name, names) is { } near ? $"did you mean {near}?" : "add it, or correct the name."));
        }
        else if (service.Ports.Count > 0
            && ((number is > 0 && service.Ports.All(port => port.Number != number))
            || (!string.IsNullOrEmpty(portName) && service.Ports.All(port => port.Name != portName))))
        {
            var ports = service.Ports.Select(port => port.Name.Length > 0 ? $"{port.Number} ({port.Name})" : $"{port.Number}");
            at["port"].Report(AnalysisCodes.NotFound,
                $"Service \"{name}\" has no port {(number is > 0 ? $"{number}" : portName)}; its ports are {string.Join(", ", ports)}.");
        }
    }
}
