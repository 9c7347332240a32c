using Istio.Documents;
using Istio.Networking;

namespace Istio.Validation.Analysis;

/// <summary>Several VirtualServices that are about one host.</summary>
internal static class HostConflicts
{
    public static void Check(Mesh mesh)
    {
        var services = mesh.Resources.OfType<VirtualService>().ToArray();
        CheckMeshHosts(mesh, services);
        CheckGatewayRoutes(mesh, services);
    }

    private static void CheckMeshHosts(Mesh mesh, (ResourceDocument Document, VirtualService Resource)[] services)
    {
        var byHost = services.Where(pair => VirtualServiceRoutes.IsForMesh(pair.Resource.Spec))
            .SelectMany(pair => pair.Resource.Spec.Hosts.Select((host, index)
                => (Host: Mesh.Resolve(host, pair.Document.Namespace), Index: index, pair.Document, pair.Resource.Spec)))
            .GroupBy(entry => entry.Host, StringComparer.Ordinal);
        var reported = new HashSet<ResourceDocument>(ReferenceEqualityComparer.Instance);
        foreach (var group in byHost)
        {
            var entries = group.ToArray();
            foreach (var entry in entries)
            {
                var others = entries.Where(other => other.Document != entry.Document
                    && SeenTogether(entry.Document, entry.Spec, other.Document, other.Spec))
                    .Select(other => $"{other.Document.Namespace}/{other.Document.Name}").Distinct().Order(StringComparer.Ordinal)
                    .ToArray();
                if (others.Length > 0 && reported.Add(entry.Document))
                {
                    mesh.At(entry.Document)["spec"]["hosts"][entry.Index].Report(AnalysisCodes.ConflictingHosts,
                        $"{string.Join(", ", others)} also has rules for {group.Key} in the mesh, and only one of them counts; merge "
                        + "them.");
                }
            }
        }
    }

    private static bool SeenTogether(ResourceDocument left, VirtualServiceSpec leftSpec, ResourceDocument right,
        VirtualServiceSpec rightSpec)
    {
        var (first, second) = (Scope(left, leftSpec), Scope(right, rightSpec));
        return first.Contains("*") || second.Contains("*") || first.Overlaps(second);
    }

    private static HashSet<string> Scope(ResourceDocument document, VirtualServiceSpec spec) =>
        spec.ExportTo.IsEmpty ? ["*"] : [.. spec.ExportTo.Select(entry => entry == "." ? document.Namespace : entry)];

    /// <summary>A gateway that routes to a host executes its own rules and not the mesh's rules for that host.</summary>
    private static void CheckGatewayRoutes(Mesh mesh, (ResourceDocument Document, VirtualService Resource)[] services)
    {
        var split = services.Where(pair => VirtualServiceRoutes.IsForMesh(pair.Resource.Spec))
            .SelectMany(pair => SubsetHosts(pair.Document, pair.Resource.Spec).Select(host => (Host: host, pair.Document)))
            .ToLookup(pair => pair.Host, pair => pair.Document, StringComparer.Ordinal);
        foreach (var (document, service) in services.Where(pair => VirtualServiceRoutes.IsForGateway(pair.Resource.Spec)))
        {
            for (var i = 0; i < service.Spec.Http.Count; i++)
            {
                for (var j = 0; j < service.Spec.Http[i].Route.Count; j++)
                {
                    if (service.Spec.Http[i].Route[j].Destination is not { Host: { } host, Subset: null or "" })
                    {
                        continue;
                    }

                    if (split[Mesh.Resolve(host, document.Namespace)].FirstOrDefault(other => other != document) is { } other)
                    {
                        mesh.At(document)["spec"]["http"][i]["route"][j]["destination"]["host"].Report(AnalysisCodes.RulesNotForIngress,
                            $"VirtualService {other.Name} splits \"{host}\" into subsets for the mesh, which requests from the gateway do "
                            + "not meet; route to the subsets here too.");
                    }
                }
            }
        }
    }

    private static IEnumerable<string> SubsetHosts(ResourceDocument document, VirtualServiceSpec spec)
    {
        var hosts = spec.Hosts.Select(host => Mesh.Resolve(host, document.Namespace)).ToHashSet(StringComparer.Ordinal);
        return spec.Http.SelectMany(route => route.Route)
            .Where(route => !string.IsNullOrEmpty(route.Destination?.Subset))
            .Select(route => Mesh.Resolve(route.Destination!.Host ?? "", document.Namespace)).Where(hosts.Contains).Distinct();
    }
}
