using Dashboard.EngineLink;
using Dashboard.Mesh;
using Istio.Networking;

namespace Dashboard.Traffic;

/// <summary>A replica in the picture.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="IsLive">Whether it is in the registry, so that requests are sent to it.</param>
/// <param name="State">What the engine says of it.</param>
/// <param name="Stat">How it is doing.</param>
/// <param name="Ejection">Whether the gateway has ejected it; null when it has not said.</param>
internal sealed record ReplicaNode(string Id, string Address, bool IsLive, string State, TrafficStat Stat, HostState? Ejection);

/// <summary>A version of a service.</summary>
internal sealed record VersionNode(string Service, string Version, IReadOnlyList<ReplicaNode> Replicas)
{
    /// <summary>How it is doing.</summary>
    public TrafficStat Stat => TrafficStats.Sum(Replicas.Select(replica => replica.Stat));
}

/// <summary>A gateway.</summary>
internal sealed record GatewayNode(string Id, string Name, TrafficStat Stat);

/// <summary>The picture: gateways, versions of services, replicas. Immutable.</summary>
internal sealed record Topology(IReadOnlyList<GatewayNode> Gateways, IReadOnlyList<VersionNode> Versions)
{
    /// <summary>Draws the picture of what is known now.</summary>
    public static Topology Draw(
        MeshDocuments mesh,
        IReadOnlyList<ResourceInfo> resources,
        IReadOnlyDictionary<string, TrafficStat> stats,
        IReadOnlyDictionary<string, HostState> hosts)
    {
        var live = mesh.Documents.Select(document => document.Resource).OfType<WorkloadEntry>().ToList();
        var byId = resources.ToDictionary(resource => resource.Id, StringComparer.OrdinalIgnoreCase);

        // A replica that has left the registry is still shown where it was, in its resource's version, as long as the engine knows of it.
        var labels = live.GroupBy(entry => byId.GetValueOrDefault(entry.Metadata.Name ?? "")?.Name ?? "")
            .ToDictionary(group => group.Key, group => LabelsOf(group.First()));
        var gone = resources
            .Where(resource => labels.ContainsKey(resource.Name) && live.All(entry => entry.Metadata.Name != resource.Id))
            .Select(resource => (Labels: labels[resource.Name], Node: new ReplicaNode(
                resource.Id, "", IsLive: false, resource.State ?? "", stats.GetValueOrDefault(resource.Id, TrafficStat.None), Ejection: null)));
        var present = live.Select(entry => (Labels: LabelsOf(entry), Node: NodeOf(entry, byId, stats, hosts)));
        return new Topology(
            [.. resources.Where(IsGateway).Select(resource =>
                new GatewayNode(resource.Id, resource.Name, stats.GetValueOrDefault(resource.Id, TrafficStat.None)))],
            [.. present.Concat(gone).GroupBy(each => each.Labels)
                .OrderBy(group => group.Key.App, StringComparer.Ordinal).ThenBy(group => group.Key.Version, StringComparer.Ordinal)
                .Select(group => new VersionNode(
                    group.Key.App, group.Key.Version, [.. group.Select(each => each.Node).OrderBy(node => node.Id, StringComparer.Ordinal)]))]);
    }

    /// <summary>Whether a resource enforces the rules of a mesh: it is started with the folder.</summary>
    public static bool IsGateway(ResourceInfo resource) =>
        resource.ProcessId is not null && GatewayArguments.Of(resource).Contains("--mesh", StringComparer.Ordinal);

    private static (string App, string Version) LabelsOf(WorkloadEntry entry) =>
        (Label(entry, "app") ?? entry.Metadata.Name ?? "", Label(entry, "version") ?? "");

    private static string? Label(WorkloadEntry entry, string name) =>
        entry.Spec.Labels.TryGetValue(name, out var label) || entry.Metadata.Labels.TryGetValue(name, out label) ? label : null;

    private static ReplicaNode NodeOf(
        WorkloadEntry entry,
        Dictionary<string, ResourceInfo> byId,
        IReadOnlyDictionary<string, TrafficStat> stats,
        IReadOnlyDictionary<string, HostState> hosts)
    {
        var id = entry.Metadata.Name ?? "";
        var addresses = entry.Spec.Ports.Select(port => $"{entry.Spec.Address}:{port.Value}").ToList();
        var host = addresses.Select(hosts.GetValueOrDefault).FirstOrDefault(each => each is not null);
        return new ReplicaNode(
            id,
            addresses.FirstOrDefault() ?? entry.Spec.Address ?? "",
            IsLive: true,
            byId.GetValueOrDefault(id)?.State ?? "",
            stats.GetValueOrDefault(id, TrafficStat.None),
            host);
    }
}

/// <summary>The command line of a gateway, as the engine tells it.</summary>
internal static class GatewayArguments
{
    /// <summary>The arguments.</summary>
    public static string[] Of(ResourceInfo resource) =>
        resource.Properties.FirstOrDefault(property => property.Name == "executable.args")?.Value?.Split(' ') ?? [];

    /// <summary>Where its admin surface is; null when it is not known.</summary>
    public static Uri? AdminOf(ResourceInfo resource)
    {
        var arguments = Of(resource);
        var index = Array.IndexOf(arguments, "--admin");
        var given = index >= 0 && index + 1 < arguments.Length ? arguments[index + 1] : null;
        var url = given ?? resource.Addresses.FirstOrDefault(address => address.Name == "admin")?.Url;
        return Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri : null;
    }
}
