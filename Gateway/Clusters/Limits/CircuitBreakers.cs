namespace Gateway.Clusters.Limits;

/// <summary>
/// A cluster's circuit breakers, counted over all its hosts. A request first looks for a connection; without a ready one it waits
/// (<see cref="PendingRequests"/>) while one is made (<see cref="Connections"/>); on a connection it is active
/// (<see cref="Requests"/>). A retry holds a place among <see cref="Retries"/> from the decision until it ends.
/// </summary>
/// <remarks>
/// Overflow of pending or active requests answers 503 with flag UO and <c>x-envoy-overloaded</c>. Overflow of connections does not: the
/// request stays pending until a connection is free. For HTTP/1.1 and HTTP/2 alike. Source: envoyproxy/envoy
/// source/common/conn_pool/conn_pool_base.cc and source/common/upstream/resource_manager_impl.h.
/// </remarks>
internal sealed class CircuitBreakers
{
    private readonly RetryBudgetLimit? _budget;
    private readonly RequestWindow? _window;

    /// <summary>Makes closed breakers.</summary>
    /// <param name="limits">What is configured.</param>
    /// <param name="time">The clock of a retry budget's interval.</param>
    public CircuitBreakers(CircuitBreakerLimits limits, TimeProvider time)
    {
        Limits = limits;
        _budget = limits.RetryBudget;
        _window = _budget is { Interval.Ticks: > 0 } ? new RequestWindow(_budget.Interval, time) : null;
        Connections = new Breaker(limits.MaxConnections);
        PendingRequests = new Breaker(limits.MaxPendingRequests);
        Requests = new Breaker(limits.MaxRequests);
        Retries = new Breaker(limits.MaxRetries);
    }

    /// <summary>What is configured.</summary>
    public CircuitBreakerLimits Limits { get; }

    /// <summary>Connections to the hosts.</summary>
    public Breaker Connections { get; }

    /// <summary>Requests that wait for a connection.</summary>
    public Breaker PendingRequests { get; }

    /// <summary>Requests that are on a connection.</summary>
    public Breaker Requests { get; }

    /// <summary>Retries that are waiting or under way.</summary>
    public Breaker Retries { get; }

    /// <summary>How many retries there may be at this moment.</summary>
    public uint RetryLimit =>
        _budget is null
            ? Limits.MaxRetries
            : Math.Max(_budget.MinConcurrency, (uint)(_budget.Percent / 100 * (_window?.Sum() ?? Requests.Count + PendingRequests.Count)));

    /// <summary>Takes a place for a request that gets a connection.</summary>
    public bool TryEnterRequest()
    {
        if (!Requests.TryEnter())
        {
            return false;
        }

        _window?.Add();
        return true;
    }

    /// <summary>
    /// Takes a place for a new connection. One that its host needs to serve anything at all is made in spite of the limit, so that a
    /// host without connections is not starved by the others.
    /// </summary>
    /// <param name="isFirstOfHost">Whether the host has no connection yet.</param>
    public bool TryOpenConnection(bool isFirstOfHost)
    {
        if (Connections.TryEnter())
        {
            return true;
        }

        if (isFirstOfHost)
        {
            Connections.Enter();
        }

        return isFirstOfHost;
    }

    /// <summary>Takes a place for a retry.</summary>
    public bool TryEnterRetry() => Retries.TryEnter(RetryLimit);
}
