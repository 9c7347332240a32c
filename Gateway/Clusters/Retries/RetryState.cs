using Gateway.Requests;

namespace Gateway.Clusters.Retries;

/// <summary>What is done after an attempt.</summary>
internal enum RetryDecision
{
    /// <summary>The outcome stands.</summary>
    No,

    /// <summary>Another attempt, after the back-off.</summary>
    Retry,

    /// <summary>The outcome would be repeated, but there were enough attempts: response flag URX.</summary>
    LimitExceeded,

    /// <summary>The outcome would be repeated, but the cluster has too many retries: response flag UO.</summary>
    Overflow,
}

/// <summary>
/// The retries of one request, from its first attempt to its end. Holds a place in the cluster's retry circuit breaker from the
/// decision for a retry until the retry ends, so <see cref="End"/> must be called. A value to keep in one variable: a copy would count
/// for itself.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/router/retry_state_impl.cc.</remarks>
internal struct RetryState
{
    private readonly RetryPolicy _policy;
    private readonly Cluster _cluster;
    private readonly bool _avoidsPreviousHosts;
    private readonly RetryConditions _conditions;
    private readonly int[] _moreCodes;
    private ulong _remaining;
    private long _bound;
    private bool _holdsPlace;
    private bool _requestStarted;
    private TriedHosts? _tried;
    private UpstreamHost? _lastTried;

    private RetryState(
        RetryPolicy policy, Cluster cluster, bool isSplit, RetryConditions conditions, ulong remaining, int[] moreCodes)
    {
        (_policy, _cluster, _conditions, _remaining, _moreCodes) = (policy, cluster, conditions, remaining, moreCodes);
        _avoidsPreviousHosts = policy.IgnorePreviousHosts ?? (isSplit || cluster.HashPolicy is null);
        _bound = policy.BackoffMilliseconds;
        Attempt = 1;
    }

    /// <summary>The number of the attempt under way, from 1: the value of <c>x-envoy-attempt-count</c>.</summary>
    public int Attempt { get; private set; }

    /// <summary>The hosts that the next choice avoids; null on the first attempt, and when previous hosts are not avoided.</summary>
    public readonly TriedHosts? Avoid => _tried;

    /// <summary>Begins a request.</summary>
    /// <param name="policy">The route's policy.</param>
    /// <param name="cluster">The cluster of the request.</param>
    /// <param name="isSplit">Whether the route has more than one destination.</param>
    public static RetryState Start(RetryPolicy policy, Cluster cluster, bool isSplit = false) =>
        new(policy, cluster, isSplit, policy.Conditions, (ulong)policy.Attempts, []);

    /// <summary>
    /// Begins a request whose own headers may ask for more retries, and takes these headers away. Where clients are outside the mesh
    /// Envoy does not believe them: see <see cref="RetryHeaders"/>.
    /// </summary>
    /// <param name="policy">The route's policy.</param>
    /// <param name="cluster">The cluster of the request.</param>
    /// <param name="request">The request.</param>
    /// <param name="isSplit">Whether the route has more than one destination.</param>
    public static RetryState Start(RetryPolicy policy, Cluster cluster, RequestHead request, bool isSplit = false)
    {
        var overrides = RetryHeaders.Take(request.Headers);
        var conditions = policy.Conditions | overrides.Conditions;
        var remaining = conditions != RetryConditions.None && overrides.MaxRetries is { } most
            ? most
            // A policy of the headers alone starts with Envoy's one retry.
            : policy.Attempts == 0 ? 1 : (ulong)policy.Attempts;
        return new RetryState(policy, cluster, isSplit, conditions, remaining, overrides.StatusCodes);
    }

    /// <summary>Says to which host the attempt goes.</summary>
    public void Attempted(UpstreamHost host)
    {
        _tried?.Add(host);
        _lastTried = host;
    }

    /// <summary>Decides after an attempt. On <see cref="RetryDecision.Retry"/> the next attempt has begun.</summary>
    /// <param name="outcome">How the attempt ended.</param>
    /// <param name="responseHeaders">The response's headers; null without a response.</param>
    /// <param name="random">The back-off's jitter.</param>
    /// <param name="backoff">How long to wait before the next attempt.</param>
    public RetryDecision Decide(in UpstreamOutcome outcome, IHeaderDictionary? responseHeaders, Random random, out TimeSpan backoff)
    {
        backoff = TimeSpan.Zero;
        var isRetry = _holdsPlace;
        End();
        // Once an attempt has sent something, no later one can be a reset before the request.
        _requestStarted |= outcome is { Kind: not OutcomeKind.Response, RequestStarted: true };
        if (!IsRetriable(outcome, responseHeaders))
        {
            if (isRetry)
            {
                _cluster.Counters.CountRetrySuccess();
            }

            return RetryDecision.No;
        }

        if (_remaining == 0)
        {
            _cluster.Counters.CountRetryBeyondLimit();
            return RetryDecision.LimitExceeded;
        }

        _remaining--;
        if (!_cluster.Limits.TryEnterRetry())
        {
            return RetryDecision.Overflow;
        }

        _holdsPlace = true;
        _cluster.Counters.CountRetry();
        Attempt++;
        AvoidLastHost();
        backoff = TimeSpan.FromMilliseconds(NextBackoff(random));
        return RetryDecision.Retry;
    }

    /// <summary>Gives the place in the retry circuit breaker back.</summary>
    public void End()
    {
        if (_holdsPlace)
        {
            _holdsPlace = false;
            _cluster.Limits.Retries.Leave();
        }
    }

    private void AvoidLastHost()
    {
        if (!_avoidsPreviousHosts || _tried is not null)
        {
            return;
        }

        _tried = new TriedHosts(_policy.HostReselections);
        if (_lastTried is not null)
        {
            _tried.Add(_lastTried);
        }
    }

    /// <summary>
    /// Fully jittered: uniform between 0 and a bound that doubles up to its limit. Source: envoyproxy/envoy
    /// source/common/common/backoff_strategy.cc, which the documentation's formula does not describe.
    /// </summary>
    private long NextBackoff(Random random)
    {
        var bound = _bound;
        _bound = bound < _policy.MaxBackoffMilliseconds / 2 ? bound * 2 : _policy.MaxBackoffMilliseconds;
        return random.NextInt64(bound);
    }

    private readonly bool Has(RetryConditions conditions) => (_conditions & conditions) != 0;

    private readonly bool IsRetriable(in UpstreamOutcome outcome, IHeaderDictionary? responseHeaders) => outcome.Kind switch
    {
        OutcomeKind.Response => IsRetriableResponse(outcome, responseHeaders),
        OutcomeKind.Overflow or OutcomeKind.Timeout => false,
        OutcomeKind.ConnectFailure when Has(RetryConditions.ConnectFailure) => true,
        _ => (Has(RetryConditions.ResetBeforeRequest) && !_requestStarted)
            || Has(RetryConditions.Reset | RetryConditions.Status5xx | RetryConditions.GatewayError)
            || (outcome.Kind == OutcomeKind.Refused && Has(RetryConditions.RefusedStream)),
    };

    /// <summary>
    /// A response of a rate limit is repeated only when that is asked for. One with x-envoy-overloaded is judged like any other: Envoy
    /// stopped treating it apart, whatever older documentation says.
    /// </summary>
    private readonly bool IsRetriableResponse(in UpstreamOutcome outcome, IHeaderDictionary? headers)
    {
        if (headers is not null && headers.ContainsKey(RetryHeaders.RateLimited))
        {
            return Has(RetryConditions.EnvoyRateLimited);
        }

        var status = outcome.Status;
        return (Has(RetryConditions.Status5xx) && status is >= 500 and < 600)
            || (Has(RetryConditions.GatewayError) && status is (502 or 503 or 504))
            || (Has(RetryConditions.Retriable4xx) && status == 409)
            || (Has(RetryConditions.RetriableStatusCodes) && (_policy.StatusCodes.Contains(status) || _moreCodes.Contains(status)))
            || (outcome.GrpcStatus is { } grpc && Has(ConditionOf(grpc)));
    }

    private static RetryConditions ConditionOf(int grpcStatus) => grpcStatus switch
    {
        1 => RetryConditions.GrpcCancelled,
        4 => RetryConditions.GrpcDeadlineExceeded,
        8 => RetryConditions.GrpcResourceExhausted,
        13 => RetryConditions.GrpcInternal,
        14 => RetryConditions.GrpcUnavailable,
        _ => RetryConditions.None,
    };
}
