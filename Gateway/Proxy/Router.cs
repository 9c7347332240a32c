using System.Runtime.CompilerServices;
using Gateway.Clusters;
using Gateway.Clusters.Retries;
using Gateway.Requests;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Proxy;

/// <summary>
/// Envoy's router filter: forwards a request to a host of its destination, and to another where the route's retries say so, within the
/// route's time; otherwise answers as Envoy does.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/router/router.cc.</remarks>
internal sealed partial class Router
{
    private readonly UpstreamConnections _connections;
    private readonly Mirrors _mirrors;
    private readonly RequestObserver _observer;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger<Router> _logger;

    /// <summary>Makes a router.</summary>
    public Router(
        UpstreamConnections connections, Mirrors mirrors, RequestObserver observer, TimeProvider time, Random random,
        ILogger<Router> logger) =>
        (_connections, _mirrors, _observer, _time, _random, _logger) = (connections, mirrors, observer, time, random, logger);

    /// <summary>Begins to forward a request whose route forwards: chooses its first host, and changes what the route changes.</summary>
    /// <returns>The answer when there is no host; null for a request that can be sent.</returns>
    public LocalReply? Begin(ProxyRequest request)
    {
        var (forward, destination) = (request.Match.Route!.Forward!, request.Match.Cluster!);
        if (request.Chain.Clusters.Find(destination.Key) is not { } cluster)
        {
            return LocalReplies.NoCluster(forward.ClusterNotFoundStatus);
        }

        // The first host is chosen before anything changes the request, and so is what is hashed.
        request.Cluster = cluster;
        request.Retry = RetryState.Start(forward.Retry, cluster, forward.Clusters.Length > 1);
        request.Hash = RouteHash.Of(request, forward, cluster);
        request.Host = cluster.Choose(new HostChoice(request.Hash, null, request.Head.Authority));
        if (request.Host is null)
        {
            return LocalReplies.NoHealthyUpstream;
        }

        request.Timeouts = ExpectedTimeout.Of(request, forward);
        request.Head.Headers[UpstreamAttempt.CountName] = "1";
        ExpectedTimeout.Tell(request, TimeSpan.Zero);
        request.Match.Route.PrepareRequest(request.Head, destination);
        request.Copies = _mirrors.Draw(request, forward);
        request.BeginBody(forward.Retry.Attempts > 0 || request.Copies is not null);
        return null;
    }

    /// <summary>Sends the request to its host.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public ValueTask<AttemptResult> SendAsync(ProxyRequest request) => UpstreamAttempt.RunAsync(request, _connections);

    /// <summary>Answers with what the first attempt gave, or with what a later one gives, where the route's retries say so.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public ValueTask EndAsync(ProxyRequest request, in AttemptResult result)
    {
        var decision = Judge(request, result, out var backoff);
        return decision == RetryDecision.Retry ? RetryAsync(request, result, backoff) : AnswerAsync(request, result, decision);
    }

    /// <summary>One more attempt after another, until one has an answer that stands.</summary>
    private async ValueTask RetryAsync(ProxyRequest request, AttemptResult result, TimeSpan backoff)
    {
        RetryDecision decision;
        do
        {
            LogRetry(request.Head.Method, request.Head.Path, request.Host!, result.Outcome.Status, result.Text, backoff.TotalMilliseconds);
            _observer.RecordArrival(request);
            await DropAsync(request, result);
            if (!await WaitAsync(request, backoff))
            {
                await LocalReplies.WriteAsync(request, LocalReplies.RequestTimeout);
                return;
            }

            if (request.Cluster!.Choose(new HostChoice(request.Hash, request.Retry.Avoid, request.Head.Authority)) is not { } host)
            {
                await LocalReplies.WriteAsync(request, LocalReplies.NoHealthyUpstream);
                return;
            }

            request.Host = host;
            result = await SendAsync(request);
            decision = Judge(request, result, out backoff);
        }
        while (decision == RetryDecision.Retry);
        await AnswerAsync(request, result, decision);
    }

    /// <summary>Ends an attempt, and decides whether there is another.</summary>
    private RetryDecision Judge(ProxyRequest request, in AttemptResult result, out TimeSpan backoff)
    {
        UpstreamAttempt.End(request, result);
        backoff = TimeSpan.Zero;
        if (!request.Body.CanReplay || request.HasInterimResponse)
        {
            return RetryDecision.No;
        }

        return request.Retry.Decide(
            result.Outcome, result.Reset == ResetReason.None ? request.Response.Headers : null, _random, out backoff);
    }

    /// <summary>Answers with what the last attempt gave.</summary>
    private ValueTask AnswerAsync(ProxyRequest request, in AttemptResult result, RetryDecision decision)
    {
        request.Flags |= decision switch
        {
            RetryDecision.LimitExceeded => ResponseFlags.URX,
            RetryDecision.Overflow => ResponseFlags.UO,
            _ => ResponseFlags.None,
        };
        request.TransportFailure = result.Transport;
        switch (result.Outcome.Kind)
        {
            case OutcomeKind.Timeout:
                return LocalReplies.WriteAsync(request, LocalReplies.RequestTimeout);
            case OutcomeKind.PerTryTimeout:
                return LocalReplies.WriteAsync(request, LocalReplies.AttemptTimeout);
            case not OutcomeKind.Response:
                return LocalReplies.WriteAsync(request, LocalReplies.Reset(result, request.Retry.Attempt > 1));
        }

        request.Retry.End();
        request.Details = "via_upstream";
        if (request.Denial is { } denial)
        {
            return AnswerDenialAsync(request, denial);
        }

        if (request.Upgrade is not null && IsNoHandshake(request.Response.StatusCode))
        {
            return AnswerFailedHandshakeAsync(request);
        }

        FinishHeaders(request);
        _observer.BeginMessages(request);
        var copying = request.Exchange!.CopyBodyAsync();
        if (!copying.IsCompletedSuccessfully)
        {
            return EndBodyAsync(request, copying);
        }

        request.BytesSent = copying.Result;
        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask EndBodyAsync(ProxyRequest request, ValueTask<long> copying) => request.BytesSent = await copying;

    /// <summary>Neither the other protocol nor an error that explains why not.</summary>
    private static bool IsNoHandshake(int status) => status is not StatusCodes.Status101SwitchingProtocols and < 400;

    /// <summary>Only the head of such a response is passed on.</summary>
    /// <remarks>envoyproxy/envoy source/common/router/upstream_codec_filter.cc, decodeHeaders.</remarks>
    private static async ValueTask AnswerFailedHandshakeAsync(ProxyRequest request)
    {
        await request.Exchange!.DiscardAsync();
        var headers = request.Response.Headers;
        headers.Remove(HeaderNames.ContentType);
        request.Match.Route!.FinishResponse(headers, request.Head, request.Match.Cluster);
        request.Details = "websocket_handshake_unsuccessful";
        LocalReplies.Finish(request);
        await LocalReplies.WriteBodyAsync(request, ReadOnlyMemory<byte>.Empty);
    }

    /// <summary>The answer of the workload's own proxy, which for this one is an answer of the upstream.</summary>
    private static async ValueTask AnswerDenialAsync(ProxyRequest request, LocalReply denial)
    {
        // Its body has not been read, and the way to the workload and back took a while.
        request.MayHaveArrived = true;
        var flags = request.Flags;
        await LocalReplies.WriteAsync(request, denial, () => FinishHeaders(request));
        (request.Flags, request.Details) = (flags, "via_upstream");
    }

    /// <summary>What the router and the route change in the head of an upstream's response.</summary>
    private static void FinishHeaders(ProxyRequest request)
    {
        UpstreamAttempt.FinishHeaders(request);
        var headers = request.Response.Headers;
        if (request.AffinityCookies.Count > 0)
        {
            headers.SetCookie = StringValues.Concat(headers.SetCookie, request.AffinityCookies);
        }

        request.Match.Route!.FinishResponse(headers, request.Head, request.Match.Cluster);
        LocalReplies.Finish(request);
    }

    /// <summary>Gets rid of a response that is not passed on.</summary>
    private static ValueTask DropAsync(ProxyRequest request, in AttemptResult result)
    {
        (request.Denial, request.InboundPolicies) = (null, null);
        request.RespondedAt = 0;
        if (result.Outcome.Kind != OutcomeKind.Response)
        {
            return default;
        }

        request.Context.Response.Clear();
        return request.Exchange!.DiscardAsync();
    }

    /// <summary>Waits before the next attempt; false when the route's time ran out meanwhile.</summary>
    private async ValueTask<bool> WaitAsync(ProxyRequest request, TimeSpan backoff)
    {
        request.Interruption.BeginAttempt();
        var wait = request.Interruption.CreateWait();
        try
        {
            await Task.Delay(backoff, _time, wait.Token);
            return true;
        }
        catch (OperationCanceledException) when (request.Interruption.Reason == InterruptionReason.RequestTimeout)
        {
            return false;
        }
        finally
        {
            request.Interruption.EndWait(wait);
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Method} {Path} at {Host}: {Status} {Reason}; another attempt follows in {Backoff} ms.")]
    private partial void LogRetry(string method, string path, UpstreamHost host, int status, string reason, double backoff);
}
