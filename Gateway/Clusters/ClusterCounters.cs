namespace Gateway.Clusters;

/// <summary>What happened in a cluster so far, under the names of Envoy's cluster statistics.</summary>
/// <remarks>https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats.</remarks>
internal sealed class ClusterCounters
{
    private long _retries;
    private long _retrySuccesses;
    private long _retriesBeyondLimit;
    private long _withoutHost;

    /// <summary><c>upstream_rq_retry</c>: attempts that were repeated.</summary>
    public long Retries => Volatile.Read(ref _retries);

    /// <summary><c>upstream_rq_retry_success</c>: retries whose outcome needed no other.</summary>
    public long RetrySuccesses => Volatile.Read(ref _retrySuccesses);

    /// <summary><c>upstream_rq_retry_limit_exceeded</c>: outcomes that were not repeated because there were enough attempts.</summary>
    public long RetriesBeyondLimit => Volatile.Read(ref _retriesBeyondLimit);

    /// <summary><c>upstream_cx_none_healthy</c>: choices that found no host.</summary>
    public long WithoutHost => Volatile.Read(ref _withoutHost);

    internal void CountRetry() => Interlocked.Increment(ref _retries);

    internal void CountRetrySuccess() => Interlocked.Increment(ref _retrySuccesses);

    internal void CountRetryBeyondLimit() => Interlocked.Increment(ref _retriesBeyondLimit);

    internal void CountWithoutHost() => Interlocked.Increment(ref _withoutHost);
}
