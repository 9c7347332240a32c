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
            .SelectMany(pair => pair.Resource.Spec.Hosts.Select((host, index) => new MeshHost(
                Mesh.Resolve(host, pair.Document.Namespace), index, pair.Document, IsForAll(pair.Resource.Spec),
                Scope(pair.Document, pair.Resource.Spec))))
            .ToArray();
        var byHost = entries.GroupBy(entry => entry.Host, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => new HostGroup(group), StringComparer.Ordinal);
        var reported = new HashSet<ResourceDocument>(ReferenceEqualityComparer.Instance);
        foreach (var entry in entries)
        {
            var wider = Wider(entry, byHost).ToArray();
            Report(mesh, entry, byHost[entry.Host].SeenWith(entry).Concat(wider), reported);
            foreach (var other in wider)
            {
                Report(mesh, other, [entry], reported);
            }
        }
    }

    /// <summary>
    /// The rules of a narrower host win over those of a wider one, wherever they are seen by all. Those that only some namespaces see
    /// are a surprise to the others. A wildcard covers a host by its end, label by label.
    /// </summary>
    private static IEnumerable<MeshHost> Wider(MeshHost narrow, Dictionary<string, HostGroup> byHost)
    {
        for (var dot = 0; !narrow.IsForAll && dot >= 0; dot = narrow.Host.IndexOf('.', dot + 1))
        {
            var wide = dot == 0 ? "*" : "*" + narrow.Host[dot..];
            if (wide != narrow.Host && byHost.TryGetValue(wide, out var group) && DnsNames.Covers(wide, narrow.Host))
            {
                foreach (var other in group.ForAll.Where(other => Others.Than(narrow.Document, other.Document)))
                {
                    yield return other;
                }
            }
        }
    }

    private static void Report(Mesh mesh, MeshHost entry, IEnumerable<MeshHost> others, HashSet<ResourceDocument> reported)
    {
        if (reported.Contains(entry.Document))
        {
            return;
        }

        var names = Others.Take(others.Select(other => $"{other.Document.Namespace}/{other.Document.Name}"));
        if (names.Length > 0 && reported.Add(entry.Document))
        {
            mesh.At(entry.Document)["spec"]["hosts"][entry.Index].Report(AnalysisCodes.ConflictingHosts,
                $"{Others.Words([.. names.Order(StringComparer.Ordinal)])} also has rules for {entry.Host} in the mesh, and only one of "
                + "them counts; merge them.");
        }
    }

    private static bool IsForAll(VirtualServiceSpec spec) => spec.ExportTo.IsEmpty || spec.ExportTo.Contains("*");

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

                    if (split[Mesh.Resolve(host, document.Namespace)].FirstOrDefault(other => Others.Than(document, other)) is { } other)
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

    /// <summary>A host of a VirtualService for the mesh, and the namespaces that see it.</summary>
    private sealed record MeshHost(string Host, int Index, ResourceDocument Document, bool IsForAll, HashSet<string> Scope);

    /// <summary>All that have rules for one host, by the namespaces that see them.</summary>
    private sealed class HostGroup(IEnumerable<MeshHost> entries)
    {
        private readonly MeshHost[] _all = [.. entries];
        private readonly Lazy<ILookup<string, MeshHost>> _bySpace = new(() => entries
            .SelectMany(entry => entry.Scope.Select(space => (space, entry))).ToLookup(pair => pair.space, pair => pair.entry));

        public IEnumerable<MeshHost> ForAll => _all.Where(entry => entry.IsForAll);

        /// <summary>The others that some namespace sees together with this one.</summary>
        public IEnumerable<MeshHost> SeenWith(MeshHost entry) =>
            _all.Length == 1 ? []
            : (entry.Scope.Contains("*") ? _all : entry.Scope.Append("*").SelectMany(space => _bySpace.Value[space]))
                .Where(other => Others.Than(entry.Document, other.Document));
    }
}
