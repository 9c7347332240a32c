using System.Collections.Concurrent;
using Gateway.Clusters;
using Gateway.Forwarding;

namespace Gateway.Proxy;

/// <summary>
/// All connections to the hosts of all clusters. A host keeps its connections over reloads of the configuration, as long as it stays in
/// its cluster.
/// </summary>
internal sealed class UpstreamConnections : IDisposable
{
    // How often connections that have ended in idleness are looked for; nothing depends on it but memory.
    private static readonly TimeSpan CleaningInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<UpstreamHost, HostConnections> _hosts = new();
    private readonly ConcurrentDictionary<Cluster, Http2Client> _http2 = new();
    private readonly ConcurrentDictionary<UpstreamHost, HostStreams> _streams = new();
    private readonly TimeProvider _time;
    private readonly ITimer _cleaning;

    /// <summary>Makes an empty pool.</summary>
    public UpstreamConnections(TimeProvider time)
    {
        _time = time;
        _cleaning = time.CreateTimer(static pool => ((UpstreamConnections)pool!).Clean(), this, CleaningInterval, CleaningInterval);
    }

    /// <summary>The HTTP/1.1 connections to a host.</summary>
    public HostConnections To(Cluster cluster, UpstreamHost host) =>
        _hosts.TryGetValue(host, out var connections)
            ? connections
            : _hosts.GetOrAdd(host, new HostConnections(cluster, host, ClusterConnections.Options(cluster), _time));

    /// <summary>Takes an HTTP/2 client for a stream to a host, which ends with <see cref="Http2Client.Leave"/>.</summary>
    /// <exception cref="UpstreamException">A limit was reached.</exception>
    /// <exception cref="OperationCanceledException">The request or the attempt was interrupted.</exception>
    public ValueTask<Http2Client> TakeHttp2Async(Cluster cluster, UpstreamHost host, Interruption interruption)
    {
        if (HostStreams.IsNeeded(cluster))
        {
            return _streams.GetOrAdd(host, static (_, cluster) => new HostStreams(cluster), cluster).TakeAsync(interruption);
        }

        var client = Http2(cluster);
        client.Enter();
        return new(client);
    }

    /// <summary>The HTTP/2 client of a cluster that sets no limit to streams: one for all its hosts, which makes connections as it needs.</summary>
    public Http2Client Http2(Cluster cluster) =>
        _http2.TryGetValue(cluster, out var client) ? client : _http2.GetOrAdd(cluster, static cluster => new Http2Client(cluster));

    /// <summary>Closes what belongs to hosts and clusters that are not in force any more. Requests under way end as they began.</summary>
    public void Retain(IReadOnlyCollection<Cluster> clusters)
    {
        var kept = clusters.ToHashSet();
        var hosts = kept.SelectMany(cluster => cluster.Hosts).ToHashSet();
        foreach (var (host, connections) in _hosts)
        {
            if (!IsKept(connections.Cluster, host) && _hosts.TryRemove(host, out _))
            {
                connections.Close();
            }
        }

        foreach (var (host, streams) in _streams)
        {
            if (!IsKept(streams.Cluster, host) && _streams.TryRemove(host, out _))
            {
                streams.Close();
            }
        }

        foreach (var (cluster, client) in _http2)
        {
            if (!kept.Contains(cluster) && _http2.TryRemove(cluster, out _))
            {
                client.Retire();
            }
        }

        // A host that a caller named, and no document, is in no list; it goes with its cluster.
        bool IsKept(Cluster cluster, UpstreamHost host) => kept.Contains(cluster) && (cluster.Hosts.IsEmpty || hosts.Contains(host));
    }

    public void Dispose()
    {
        _cleaning.Dispose();
        foreach (var connections in _hosts.Values)
        {
            connections.Close();
        }

        foreach (var streams in _streams.Values)
        {
            streams.Close();
        }

        foreach (var client in _http2.Values)
        {
            client.Dispose();
        }
    }

    private void Clean()
    {
        foreach (var (host, connections) in _hosts)
        {
            if (connections.Clean())
            {
                // A request that is just about to connect keeps what it has found; its connection ends when it has been idle.
                _hosts.TryRemove(host, out _);
            }
        }
    }
}
