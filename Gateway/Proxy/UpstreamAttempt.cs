using System.Globalization;
using System.Runtime.CompilerServices;
using Gateway.Clusters;
using Gateway.Policies;
using Gateway.Requests;

namespace Gateway.Proxy;

/// <summary>One attempt of a request.</summary>
internal static class UpstreamAttempt
{
    /// <summary>The header that tells an upstream which attempt it sees.</summary>
    public const string CountName = "x-envoy-attempt-count";

    /// <summary>One attempt at the request's host: the policies of its workload, then the exchange. <see cref="End"/> ends it.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public static ValueTask<AttemptResult> RunAsync(ProxyRequest request, UpstreamConnections connections)
    {
        var attempt = request.Retry.Attempt;
        request.Exchange = ExchangeOf(request, connections);
        request.Retry.Attempted(request.Host!);
        request.Arrival.Reset();
        request.BeginConnecting();
        if (attempt > 1)
        {
            BeginAgain(request, attempt);
        }

        return UpstreamSpan.IsOn ? TraceAsync(request) : SendAsync(request);
    }

    /// <summary>Says how an attempt ended: to the host's own proxy, and to the cluster, which judges its hosts by that.</summary>
    public static void End(ProxyRequest request, in AttemptResult result)
    {
        request.Arrival.End(request, result);
        if (result.Outcome.Kind != OutcomeKind.Overflow)
        {
            request.Cluster!.Report(request.Host!, result.Outcome);
        }
    }

    /// <summary>What the router, and the workload's own policies, write into the head of a response.</summary>
    public static void FinishHeaders(ProxyRequest request)
    {
        var headers = request.Response.Headers;
        request.InboundPolicies?.AddResponseHeaders(headers);
        if (request.UpstreamTime is { } time)
        {
            headers["x-envoy-upstream-service-time"] = MillisecondsText((long)time.TotalMilliseconds);
        }
    }

    /// <summary>How the cluster's hosts are spoken to.</summary>
    private static UpstreamExchange ExchangeOf(ProxyRequest request, UpstreamConnections connections)
    {
        var isHttp2 = request.Cluster!.Settings.Protocol switch
        {
            ClusterProtocol.Http2 => true,
            ClusterProtocol.ClientProtocol => !HttpProtocol.IsHttp11(request.Received.Protocol),
            _ => false,
        };
        if (isHttp2 && request.Upgrade is null)
        {
            return new Http2Exchange(request, connections);
        }

        request.Http1.Pool = connections;
        return request.Http1;
    }

    // What is sent has the span of the attempt for its parent.
    private static async ValueTask<AttemptResult> TraceAsync(ProxyRequest request)
    {
        using var span = UpstreamSpan.Start(request, request.Cluster!, request.Host!);
        var result = await SendAsync(request);
        if (span is not null)
        {
            UpstreamSpan.Tell(span, result);
        }

        return result;
    }

    private static ValueTask<AttemptResult> SendAsync(ProxyRequest request) =>
        request.Chain.Inbound.For(request.Host!) is { } chain ? ArriveAsync(request, chain) : StartAsync(request, request.Head);

    private static ValueTask<AttemptResult> StartAsync(ProxyRequest request, RequestHead head) =>
        request.Exchange!.StartAsync(head, request.Cluster!, request.Host!);

    /// <summary>Lets the workload's own policies look at the request as it arrives there: a denial is a response of the upstream.</summary>
    private static ValueTask<AttemptResult> ArriveAsync(ProxyRequest request, PolicyChain chain)
    {
        var arrived = request.Inbound;
        arrived.Begin(request.Head, request.Cluster!, request.Host!);
        request.InboundPolicies = arrived.Policies;
        request.Host!.BeginRequest();
        request.Arrival.Begin(request.Time.GetTimestamp());
        request.OnConnected();
        var wait = request.Interruption.CreateWait();
        var deciding = EvaluateAsync(chain, arrived.Policies, wait.Token);
        if (!deciding.IsCompletedSuccessfully)
        {
            return WaitAsync(request, deciding, wait);
        }

        var denial = deciding.Result;
        EndPolicies(request, wait, isLetPass: denial is null);
        return denial is not null ? new(Deny(request, denial)) : StartAsync(request, arrived.Head);
    }

    /// <summary>What has been begun ends in one place, also when a filter fails at once.</summary>
    private static ValueTask<LocalReply?> EvaluateAsync(PolicyChain chain, PolicyContext context, CancellationToken cancellationToken)
    {
        try
        {
            return chain.EvaluateAsync(context, cancellationToken);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<LocalReply?>(exception);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<AttemptResult> WaitAsync(
        ProxyRequest request, ValueTask<LocalReply?> deciding, CancellationTokenSource wait)
    {
        var isLetPass = false;
        try
        {
            if (await deciding is { } denial)
            {
                return Deny(request, denial);
            }

            isLetPass = true;
        }
        catch (OperationCanceledException) when (request.Interruption.Reason != InterruptionReason.ClientGone)
        {
            return request.Interruption.Reason == InterruptionReason.AttemptTimeout
                ? AttemptResult.TimedOut
                : new AttemptResult(UpstreamOutcome.Timeout, ResetReason.LocalReset);
        }
        finally
        {
            EndPolicies(request, wait, isLetPass);
        }

        return await StartAsync(request, request.Inbound.Head);
    }

    private static void EndPolicies(ProxyRequest request, CancellationTokenSource wait, bool isLetPass)
    {
        request.Interruption.EndWait(wait);
        if (isLetPass)
        {
            request.Host!.SuspendRequest();
        }
        else
        {
            request.Host!.EndRequest();
        }
    }

    private static AttemptResult Deny(ProxyRequest request, LocalReply denial)
    {
        request.MarkResponse();
        request.Denial = denial;
        return new AttemptResult(UpstreamOutcome.Response(denial.Status));
    }

    private static void BeginAgain(ProxyRequest request, int attempt)
    {
        request.Head.Headers[CountName] = attempt.ToString(CultureInfo.InvariantCulture);
        ExpectedTimeout.Tell(request, request.SinceCompleted);
    }

    private static string MillisecondsText(long milliseconds) => milliseconds switch
    {
        0 => "0",
        1 => "1",
        2 => "2",
        3 => "3",
        _ => milliseconds.ToString(CultureInfo.InvariantCulture),
    };
}
