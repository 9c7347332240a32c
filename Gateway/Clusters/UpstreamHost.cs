using Gateway.Clusters.Outliers;
using Gateway.Registry;

namespace Gateway.Clusters;

/// <summary>
/// An endpoint within one cluster, with its runtime state. The same endpoint in another cluster (another subset, say) is another host
/// with a state of its own, as in Envoy. Lives as long as the endpoint stays in the cluster.
/// </summary>
internal sealed class UpstreamHost
{
    private int _activeRequests;
    private long _totalRequests;
    private long _failedRequests;
    private long _connectFailures;

    internal UpstreamHost(HostEndpoint source, long addedAt)
    {
        Source = source;
        AddedAt = addedAt;
    }

    /// <summary>Address and port.</summary>
    public ServiceEndpoint Endpoint => Source.Endpoint;

    /// <summary>What the registry says of it: labels, weight, workload. Replaced when these change; the state stays.</summary>
    public HostEndpoint Source { get; internal set; }

    /// <summary>Share of the load relative to the other hosts.</summary>
    public int Weight => Source.Weight;

    /// <summary>The workload whose inbound policies apply.</summary>
    public WorkloadKey Workload => Source.Workload;

    /// <summary>Requests that are on a connection to it now; those that wait for a connection do not count.</summary>
    public int ActiveRequests => Volatile.Read(ref _activeRequests);

    /// <summary>Requests sent to it so far.</summary>
    public long TotalRequests => Volatile.Read(ref _totalRequests);

    /// <summary>Requests that ended with 5xx or without an answer.</summary>
    public long FailedRequests => Volatile.Read(ref _failedRequests);

    /// <summary>Connections that could not be made.</summary>
    public long ConnectFailures => Volatile.Read(ref _connectFailures);

    /// <summary>True while outlier detection keeps it out of load balancing.</summary>
    public bool IsEjected => Monitor is { IsEjected: true };

    /// <summary>Its part of outlier detection; null when the cluster has none.</summary>
    public OutlierMonitor? Monitor { get; internal set; }

    /// <summary>When it joined the cluster (a timestamp of the cluster's TimeProvider): warm-up begins there.</summary>
    internal long AddedAt { get; }

    /// <summary>Says that a request is on a connection to this host. Pair with <see cref="EndRequest"/>.</summary>
    public void BeginRequest()
    {
        Interlocked.Increment(ref _activeRequests);
        Interlocked.Increment(ref _totalRequests);
    }

    /// <summary>Says that the request ended, however it did.</summary>
    public void EndRequest() => Interlocked.Decrement(ref _activeRequests);

    /// <summary>Ends a request that begins again as soon as its workload's policies have let it pass: it counts once.</summary>
    public void SuspendRequest()
    {
        Interlocked.Decrement(ref _activeRequests);
        Interlocked.Decrement(ref _totalRequests);
    }

    internal void Count(in UpstreamOutcome outcome)
    {
        if (outcome.Kind == OutcomeKind.ConnectFailure)
        {
            Interlocked.Increment(ref _connectFailures);
        }

        if (outcome.Kind != OutcomeKind.Response || outcome.Status >= 500)
        {
            Interlocked.Increment(ref _failedRequests);
        }
    }

    /// <summary>The address.</summary>
    public override string ToString() => Endpoint.Authority;
}
