using System.Collections.Immutable;
using Gateway.Clusters.DestinationRules;
using Gateway.Registry;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.Clusters;

/// <summary>
/// Compiles the clusters that one client has: for every host it sees, one for each port and one for each port and subset. Changes
/// nothing; <see cref="ClusterStore"/> puts the result in force.
/// </summary>
/// <remarks>istio/istio pilot/pkg/networking/core/cluster.go, buildOutboundClusters; cluster_builder.go, applyDestinationRule.</remarks>
internal static class ClusterCompiler
{
    /// <summary>Compiles the clusters.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="hosts">Their hosts.</param>
    /// <param name="client">Whose clusters.</param>
    /// <param name="findings">Receives what is wrong.</param>
    public static ImmutableArray<ClusterDefinition> Compile(
        ResourceSet resources, ServiceHosts hosts, ClusterClient client, List<Finding> findings)
    {
        var rules = new DestinationRuleIndex(resources);
        var clusters = new Dictionary<ClusterKey, ClusterDefinition>();
        foreach (var named in hosts.VisibleTo(client.Namespace))
        {
            if (Concrete(named, hosts, client) is not { } host)
            {
                continue;
            }

            var rule = rules.Find(host, client);
            foreach (var port in host.Ports.Where(port => port.Protocol != PortProtocol.Udp))
            {
                Add(named.Name, new ClusterSettingsCompiler(host, port, client, rule), clusters, findings);
            }
        }

        return [.. clusters.Values];
    }

    /// <summary>
    /// The host that has the clusters. Of an alias it is the one it stands for; to one that the mesh does not know a sidecar still
    /// passes requests on, and a gateway does not.
    /// </summary>
    /// <remarks>istio/istio pilot/pkg/networking/core/route/route.go, GetDestinationCluster; an alias of an alias leads nowhere.</remarks>
    private static ServiceHost? Concrete(ServiceHost host, ServiceHosts hosts, ClusterClient client) =>
        host.Alias is null ? host
        : hosts.Find(host.Alias, client.Namespace) is { } target ? target.Alias is null ? target : null
        : client.IsGateway ? null : host;

    private static void Add(
        string name, ClusterSettingsCompiler compiler, Dictionary<ClusterKey, ClusterDefinition> clusters, List<Finding> findings)
    {
        var (host, port, rule) = (compiler.Host, compiler.Port, compiler.Rule);
        var policy = TrafficPolicies.ForPort(rule?.TrafficPolicy, port.Number);
        Add("", policy, port.Endpoints);
        // A cluster for wildcard names that are looked up per request has no endpoints that a subset could select.
        if (rule is null || (host.IsWildcard && host.Resolution == HostResolution.DynamicDns))
        {
            return;
        }

        foreach (var subset in rule.Subsets)
        {
            Add(subset.Name ?? "", TrafficPolicies.Merge(policy, subset.TrafficPolicy, port.Number),
                [.. port.Endpoints.Where(endpoint => HasLabels(endpoint, subset.Labels))]);
        }

        void Add(string subset, TrafficPolicy? subsetPolicy, ImmutableArray<HostEndpoint> endpoints)
        {
            // A host found by DNS that has no names to look up is no cluster at all.
            if (host.Resolution == HostResolution.Dns && endpoints.IsEmpty)
            {
                return;
            }

            var key = new ClusterKey(name, port.Number, subset);
            clusters.TryAdd(key, new ClusterDefinition(key, compiler.Compile(subsetPolicy, findings), endpoints, rule?.Source ?? ""));
        }
    }

    private static bool HasLabels(HostEndpoint endpoint, EquatableDictionary<string> labels) =>
        labels.All(label => endpoint.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
