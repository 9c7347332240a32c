using System.Collections.Concurrent;
using Gateway.Clusters;
using Gateway.Metrics;

namespace Gateway.Proxy;

/// <summary>Who is called by whom through one filter chain, remembered by host.</summary>
/// <param name="source">The caller; null where it is not known.</param>
internal sealed class TrafficLabels(WorkloadIdentity? source)
{
    // A caller that invents names must not fill the memory.
    private const int MaxNames = 1024;

    private readonly ConcurrentDictionary<UpstreamHost, Sides> _hosts = new();
    private readonly ConcurrentDictionary<string, Traffic> _names = new(StringComparer.Ordinal);

    /// <summary>The labels of a request.</summary>
    /// <param name="cluster">Its cluster; null when there was none.</param>
    /// <param name="host">Its host; null when there was none.</param>
    /// <param name="authority">Its authority.</param>
    public Traffic? Of(Cluster? cluster, UpstreamHost? host, string authority)
    {
        if (cluster is not null && host is not null)
        {
            return SidesOf(cluster, host).Caller;
        }

        var name = cluster?.Key.Host ?? authority;
        return _names.TryGetValue(name, out var named) ? named
            : _names.Count >= MaxNames ? null
            : _names.GetOrAdd(name, new Traffic(Reporter.Source, source, null, name, ShortName(name)));
    }

    /// <summary>The labels of an attempt as the workload's own proxy has them; null for a host that is no workload of the mesh.</summary>
    public Traffic? Arriving(Cluster cluster, UpstreamHost host) => SidesOf(cluster, host).Callee;

    private Sides SidesOf(Cluster cluster, UpstreamHost host) =>
        _hosts.TryGetValue(host, out var known) ? known : _hosts.GetOrAdd(host, Make(cluster, host));

    private Sides Make(Cluster cluster, UpstreamHost host)
    {
        var workload = host.Source.Workload;
        var destination = workload.Name.Length == 0 ? null : WorkloadIdentity.Of(workload.Name, workload.Namespace, host.Source.Labels);
        var caller = new Traffic(Reporter.Source, source, destination, cluster.Key.Host, ShortName(cluster.Key.Host));
        return new Sides(caller, destination is null ? null : caller with { Reporter = Reporter.Destination });
    }

    /// <summary>A Kubernetes Service's own name; any other host's is all of it.</summary>
    private static string ShortName(string host) =>
        host.Contains(".svc.", StringComparison.Ordinal) ? host[..host.IndexOf('.', StringComparison.Ordinal)] : host;

    private sealed record Sides(Traffic Caller, Traffic? Callee);
}
