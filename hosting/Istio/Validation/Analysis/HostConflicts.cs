using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

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
        var entries = services.Where(pair => VirtualServiceRoutes.IsForMesh(pair.Resource.Spec))
            .SelectMany(pair => pair.Resource.Spec.Hosts.Select((host, index)
                => new MeshHost(Mesh.Resolve(host, pair.Document.Namespace), index, pair.Document, pair.Resource.Spec)))
            .ToArray();
        var byHost = entries.ToLookup(entry => entry.Host, StringComparer.Ordinal);
        var wildcards = entries.Where(entry => DnsNames.IsWildcard(entry.Host) && IsForAll(entry.Spec)).ToArray();
        var reported = new HashSet<ResourceDocument>(ReferenceEqualityComparer.Instance);
        foreach (var entry in entries)
        {
            var others = byHost[entry.Host].Concat(wildcards.Where(other => IsWider(other, entry)))
                .Where(other => other.Document != entry.Document
                    && SeenTogether(entry.Document, entry.Spec, other.Document, other.Spec))
                .ToArray();
            Report(mesh, entry, others, reported);
            foreach (var other in others.Where(other => other.Host != entry.Host))
            {
                Report(mesh, other, [entry], reported);
            }
        }
    }

    /// <summary>
    /// The rules of a narrower host win over those of a wider one, wherever they are seen by all. Those that only some namespaces see
    /// are a surprise to the others.
    /// </summary>
    private static bool IsWider(MeshHost wide, MeshHost narrow) =>
        wide.Host != narrow.Host && !IsForAll(narrow.Spec) && DnsNames.Covers(wide.Host, narrow.Host);

    private static void Report(Mesh mesh, MeshHost entry, MeshHost[] others, HashSet<ResourceDocument> reported)
    {
        if (others.Length > 0 && reported.Add(entry.Document))
        {
            var names = others.Select(other => $"{other.Document.Namespace}/{other.Document.Name}").Distinct()
                .Order(StringComparer.Ordinal);
            mesh.At(entry.Document)["spec"]["hosts"][entry.Index].Report(AnalysisCodes.ConflictingHosts,
                $"{string.Join(", ", names)} also has rules for {entry.Host} in the mesh, and only one of them counts; merge them.");
        }
    }

    private static bool IsForAll(VirtualServiceSpec spec) => spec.ExportTo.IsEmpty || spec.ExportTo.Contains("*");

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

    /// <summary>A host of a VirtualService for the mesh.</summary>
    private sealed record MeshHost(string Host, int Index, ResourceDocument Document, VirtualServiceSpec Spec);
}
