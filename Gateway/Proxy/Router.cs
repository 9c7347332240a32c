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

    /// <summary>Forwards a request whose route forwards, and answers it.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public ValueTask ForwardAsync(ProxyRequest request)
    {
        var (forward, destination) = (request.Match.Route!.Forward!, request.Match.Cluster!);
        if (request.Chain.Clusters.Find(destination.Key) is not { } cluster)
        {
            return LocalReplies.WriteAsync(request, LocalReplies.NoCluster(forward.ClusterNotFoundStatus));
        }

        // The first host is chosen before anything changes the request, and so is what is hashed.
        request.Cluster = cluster;
        request.Retry = RetryState.Start(forward.Retry, cluster, forward.Clusters.Length > 1);
        var hash = RouteHash.Of(request, forward, cluster);
        if (cluster.Choose(new HostChoice(hash, null, request.Head.Authority)) is not { } host)
        {
            return LocalReplies.WriteAsync(request, LocalReplies.NoHealthyUpstream);
        }

        request.Timeouts = ExpectedTimeout.Of(request, forward);
        request.Head.Headers[UpstreamAttempt.CountName] = "1";
        ExpectedTimeout.Tell(request, TimeSpan.Zero);
        request.Match.Route.PrepareRequest(request.Head, destination);
        request.Copies = _mirrors.Draw(request, forward);
        request.BeginBody(forward.Retry.Attempts > 0 || request.Copies is not null);
        return RunAsync(request, cluster, host, hash);
    }

    /// <summary>One attempt after another, until one has an answer that stands.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RunAsync(ProxyRequest request, Cluster cluster, UpstreamHost host, ulong? hash)
    {
        while (true)
        {
            var exchange = UpstreamAttempt.Exchange(request, _connections, cluster);
            var result = await UpstreamAttempt.RunAsync(request, exchange, cluster, host);
            request.Arrival.End(request, result);
            if (result.Outcome.Kind != OutcomeKind.Overflow)
            {
                cluster.Report(host, result.Outcome);
            }

            var decision = Decide(request, result, out var backoff);
            if (decision != RetryDecision.Retry)
            {
                await AnswerAsync(request, exchange, result, decision);
                return;
            }

            LogRetry(request.Head.Method, request.Head.Path, host, result.Outcome.Status, result.Text, backoff.TotalMilliseconds);
            _observer.RecordArrival(request);
            await DropAsync(request, exchange, result);
            if (!await WaitAsync(request, backoff))
            {
                await LocalReplies.WriteAsync(request, LocalReplies.RequestTimeout);
                return;
            }

            if (cluster.Choose(new HostChoice(hash, request.Retry.Avoid, request.Head.Authority)) is not { } next)
            {
                await LocalReplies.WriteAsync(request, LocalReplies.NoHealthyUpstream);
                return;
            }

            host = next;
        }
    }

    private RetryDecision Decide(ProxyRequest request, in AttemptResult result, out TimeSpan backoff)
    {
        backoff = TimeSpan.Zero;
        if (!request.Body.CanReplay || request.HasInterimResponse)
        {
            return RetryDecision.No;
        }

        return request.Retry.Decide(
            result.Outcome, result.Reset == ResetReason.None ? request.Response.Headers : null, _random, out backoff);
    }

    /// <summary>Answers with what the last attempt gave.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync(
        ProxyRequest request, UpstreamExchange exchange, AttemptResult result, RetryDecision decision)
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
                await LocalReplies.WriteAsync(request, LocalReplies.RequestTimeout);
                return;
            case OutcomeKind.PerTryTimeout:
                await LocalReplies.WriteAsync(request, LocalReplies.AttemptTimeout);
                return;
            case not OutcomeKind.Response:
                await LocalReplies.WriteAsync(request, LocalReplies.Reset(result, request.Retry.Attempt > 1));
                return;
        }

        request.Retry.End();
        request.Details = "via_upstream";
        if (request.Denial is { } denial)
        {
            await AnswerDenialAsync(request, denial);
            return;
        }

        if (request.Upgrade is not null && IsNoHandshake(request.Response.StatusCode))
        {
            await AnswerFailedHandshakeAsync(request, exchange);
            return;
        }

        FinishHeaders(request);
        _observer.BeginMessages(request);
        request.BytesSent = await exchange.CopyBodyAsync();
    }

    /// <summary>Neither the other protocol nor an error that explains why not.</summary>
    private static bool IsNoHandshake(int status) => status is not StatusCodes.Status101SwitchingProtocols and < 400;

    /// <summary>Only the head of such a response is passed on.</summary>
    /// <remarks>envoyproxy/envoy source/common/router/upstream_codec_filter.cc, decodeHeaders.</remarks>
    private static async ValueTask AnswerFailedHandshakeAsync(ProxyRequest request, UpstreamExchange exchange)
    {
        await exchange.DiscardAsync();
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
    private static ValueTask DropAsync(ProxyRequest request, UpstreamExchange exchange, in AttemptResult result)
    {
        (request.Denial, request.InboundPolicies) = (null, null);
        request.RespondedAt = 0;
        if (result.Outcome.Kind != OutcomeKind.Response)
        {
            return default;
        }

        request.Context.Response.Clear();
        return exchange.DiscardAsync();
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
