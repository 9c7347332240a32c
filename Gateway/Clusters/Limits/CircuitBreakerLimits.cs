namespace Gateway.Clusters.Limits;

/// <summary>A limit for concurrent retries in proportion to the requests there are; replaces <c>maxRetries</c>.</summary>
/// <param name="Percent">Share of active and pending requests that may be retries.</param>
/// <param name="MinConcurrency">Concurrent retries that are always allowed.</param>
/// <param name="Interval">How long a request counts after it began; zero counts what is active only.</param>
internal sealed record RetryBudgetLimit(double Percent, uint MinConcurrency, TimeSpan Interval);

/// <summary>A cluster's circuit breakers. Istio's default is 2^32-1 for each of them, Envoy's own are never used.</summary>
/// <param name="MaxConnections">Most connections to all hosts together.</param>
/// <param name="MaxPendingRequests">Most requests that wait for a connection.</param>
/// <param name="MaxRequests">Most active requests.</param>
/// <param name="MaxRetries">Most concurrent retries.</param>
/// <remarks>istio/istio pilot/pkg/networking/core/cluster_traffic_policy.go, getDefaultCircuitBreakerThresholds.</remarks>
internal sealed record CircuitBreakerLimits(
    uint MaxConnections = uint.MaxValue, uint MaxPendingRequests = uint.MaxValue, uint MaxRequests = uint.MaxValue,
    uint MaxRetries = uint.MaxValue)
{
    /// <summary>Replaces <see cref="MaxRetries"/>; null without.</summary>
    public RetryBudgetLimit? RetryBudget { get; init; }
}
