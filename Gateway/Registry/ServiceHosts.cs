using System.Collections.Immutable;
using Istio.Documents;
using Istio.Networking;
using k8s.Models;

namespace Gateway.Registry;

/// <summary>Every host the mesh knows: Kubernetes Services by their full names, and the hosts of ServiceEntries.</summary>
/// <remarks>istio/istio pilot/pkg/serviceregistry: kube/conversion.go and serviceentry/conversion.go.</remarks>
internal sealed class ServiceHosts
{
    private const string ClusterDomain = ".svc.cluster.local";

    private readonly Dictionary<string, List<ServiceHost>> _exact;
    private readonly ImmutableArray<ServiceHost> _wildcards;

    private ServiceHosts(Dictionary<string, List<ServiceHost>> exact, ImmutableArray<ServiceHost> wildcards)
    {
        _exact = exact;
        _wildcards = wildcards;
        All = [.. exact.Values.SelectMany(hosts => hosts), .. wildcards];
    }

    /// <summary>No hosts.</summary>
    public static ServiceHosts Empty { get; } = new([], []);

    /// <summary>All hosts, in the order of the documents but Kubernetes Services first.</summary>
    public ImmutableArray<ServiceHost> All { get; }

    /// <summary>Reads the hosts of documents.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="findings">Receives what is wrong; what <see cref="ServiceRegistry"/> reports is not reported again.</param>
    /// <param name="names">Looks endpoints up that are names; null leaves them.</param>
    public static ServiceHosts Build(ResourceSet resources, List<Finding> findings, EndpointNames? names = null)
    {
        var workloads = Workloads.Read(resources, names);
        var hosts = resources.OfType<V1Service>().Select(pair => KubernetesHosts.Convert(pair.Document, pair.Resource, workloads))
            .Concat(resources.OfType<ServiceEntry>()
                .SelectMany(pair => ServiceEntryHosts.Convert(pair.Document, pair.Resource, workloads, findings)))
            .ToArray();
        var exact = new Dictionary<string, List<ServiceHost>>(StringComparer.Ordinal);
        foreach (var host in hosts.Where(host => !host.IsWildcard))
        {
            Add(exact, host);
        }

        // The longest wildcard is the most specific one.
        return new ServiceHosts(exact, [.. hosts.Where(host => host.IsWildcard).OrderByDescending(host => host.Name.Length)]);
    }

    /// <summary>
    /// The full name of a host that a resource names: a name without dots is a Service of the resource's namespace, any other is a full
    /// name already. So <c>ping.default</c> names no Kubernetes Service, in Istio as here.
    /// </summary>
    /// <remarks>istio/istio pilot/pkg/model/config.go, ResolveShortnameToFQDN.</remarks>
    public static string Resolve(string host, string @namespace) =>
        host.Length == 0 || host.Contains('.') || host.StartsWith('*') || host.Contains(':') ? host : FullName(host, @namespace);

    /// <summary>The full name of a Kubernetes Service.</summary>
    public static string FullName(string service, string @namespace) => $"{service}.{@namespace}{ClusterDomain}";

    /// <summary>
    /// Finds the host of a full name that a namespace sees. Of several, a Kubernetes Service counts before a ServiceEntry and then the
    /// first one. A name that no resource has is served by the most specific wildcard host.
    /// </summary>
    /// <remarks>istio/istio pilot/pkg/model/sidecar.go, where servicesByHostname is filled.</remarks>
    /// <param name="fullName">The name.</param>
    /// <param name="viewer">The namespace of the client; null sees everything.</param>
    public ServiceHost? Find(string fullName, string? viewer = null)
    {
        if (_exact.TryGetValue(fullName, out var hosts) && hosts.Find(host => IsVisible(host, viewer)) is { } found)
        {
            return found;
        }

        foreach (var wildcard in _wildcards)
        {
            if (wildcard.Matches(fullName) && IsVisible(wildcard, viewer))
            {
                return wildcard;
            }
        }

        return null;
    }

    /// <summary>All hosts that a namespace sees, of each name the one that <see cref="Find"/> gives.</summary>
    public IEnumerable<ServiceHost> VisibleTo(string viewer) =>
        All.Where(host => IsVisible(host, viewer)).DistinctBy(host => host.Name, StringComparer.Ordinal);

    private static bool IsVisible(ServiceHost host, string? viewer) => viewer is null || host.IsVisibleTo(viewer);

    /// <summary>
    /// Resources for one host in one namespace are one service: the first has the say, and the endpoints of the others join those of its
    /// ports that have the same name.
    /// </summary>
    private static void Add(Dictionary<string, List<ServiceHost>> all, ServiceHost host)
    {
        if (!all.TryGetValue(host.Name, out var hosts))
        {
            all[host.Name] = hosts = [];
        }

        var index = hosts.FindIndex(existing => existing.Namespace == host.Namespace);
        if (index < 0)
        {
            hosts.Add(host);
            return;
        }

        hosts[index] = hosts[index] with { Ports = [.. hosts[index].Ports.Select(port => Join(port, host))] };
    }

    private static HostPort Join(HostPort port, ServiceHost other)
    {
        var more = other.Ports.Where(candidate => candidate.Name == port.Name).SelectMany(candidate => candidate.Endpoints);
        return port with { Endpoints = [.. port.Endpoints.Concat(more).DistinctBy(endpoint => endpoint.Endpoint)] };
    }
}
