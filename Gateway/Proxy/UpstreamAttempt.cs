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

    /// <summary>How a cluster's hosts are spoken to.</summary>
    public static UpstreamExchange Exchange(ProxyRequest request, UpstreamConnections connections, Cluster cluster)
    {
        var isHttp2 = cluster.Settings.Protocol switch
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

    /// <summary>One attempt at one host: the policies of its workload, then the exchange.</summary>
    public static ValueTask<AttemptResult> RunAsync(
        ProxyRequest request, UpstreamExchange exchange, Cluster cluster, UpstreamHost host)
    {
        var attempt = request.Retry.Attempt;
        request.Host = host;
        request.Retry.Attempted(host);
        request.Arrival.Reset();
        request.BeginConnecting();
        if (attempt > 1)
        {
            BeginAgain(request, attempt);
        }

        return UpstreamSpan.IsOn ? TraceAsync(request, exchange, cluster, host) : SendAsync(request, exchange, cluster, host);
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

    // What is sent has the span of the attempt for its parent.
    private static async ValueTask<AttemptResult> TraceAsync(
        ProxyRequest request, UpstreamExchange exchange, Cluster cluster, UpstreamHost host)
    {
        using var span = UpstreamSpan.Start(request, cluster, host);
        var result = await SendAsync(request, exchange, cluster, host);
        if (span is not null)
        {
            UpstreamSpan.Tell(span, result);
        }

        return result;
    }

    private static ValueTask<AttemptResult> SendAsync(
        ProxyRequest request, UpstreamExchange exchange, Cluster cluster, UpstreamHost host) =>
        request.Chain.Inbound.For(host) is { } chain
            ? ArriveAsync(request, exchange, chain, cluster, host)
            : exchange.StartAsync(request.Head, cluster, host);

    /// <summary>Lets the workload's own policies look at the request as it arrives there: a denial is a response of the upstream.</summary>
    private static ValueTask<AttemptResult> ArriveAsync(
        ProxyRequest request, UpstreamExchange exchange, PolicyChain chain, Cluster cluster, UpstreamHost host)
    {
        var arrived = request.Inbound;
        arrived.Begin(request.Head, cluster, host);
        request.InboundPolicies = arrived.Policies;
        host.BeginRequest();
        request.Arrival.Begin(request.Time.GetTimestamp());
        request.OnConnected();
        var wait = request.Interruption.CreateWait();
        var deciding = EvaluateAsync(chain, arrived.Policies, wait.Token);
        if (!deciding.IsCompletedSuccessfully)
        {
            return WaitAsync(request, exchange, cluster, host, deciding, wait);
        }

        var denial = deciding.Result;
        EndPolicies(request, host, wait, isLetPass: denial is null);
        return denial is not null ? new(Deny(request, denial)) : exchange.StartAsync(arrived.Head, cluster, host);
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
        ProxyRequest request, UpstreamExchange exchange, Cluster cluster, UpstreamHost host, ValueTask<LocalReply?> deciding,
        CancellationTokenSource wait)
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
            EndPolicies(request, host, wait, isLetPass);
        }

        return await exchange.StartAsync(request.Inbound.Head, cluster, host);
    }

    private static void EndPolicies(ProxyRequest request, UpstreamHost host, CancellationTokenSource wait, bool isLetPass)
    {
        request.Interruption.EndWait(wait);
        if (isLetPass)
        {
            host.SuspendRequest();
        }
        else
        {
            host.EndRequest();
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
