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
            ? RunAsync(request, exchange, chain, cluster, host)
            : exchange.StartAsync(request.Head, cluster, host);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<AttemptResult> RunAsync(
        ProxyRequest request, UpstreamExchange exchange, PolicyChain chain, Cluster cluster, UpstreamHost host)
    {
        var arrived = InboundPolicies.Arrive(request.Head, host);
        return await DenyAsync(request, chain, arrived, cluster, host) ?? await exchange.StartAsync(arrived, cluster, host);
    }

    /// <summary>What the workload's own policies say: a denial is a response of the upstream; null lets the request pass.</summary>
    private static async ValueTask<AttemptResult?> DenyAsync(
        ProxyRequest request, PolicyChain chain, RequestHead arrived, Cluster cluster, UpstreamHost host)
    {
        var context = new PolicyContext(arrived)
        {
            Route = new RouteScope($"inbound|http|{cluster.Key.Port}", "default", null, null) { IsMatched = true },
            Callbacks = request,
        };
        request.InboundPolicies = context;
        host.BeginRequest();
        request.Arrival.Begin(request.Time.GetTimestamp());
        request.OnConnected();
        var (wait, isLetPass) = (request.Interruption.CreateWait(), false);
        try
        {
            if (await chain.EvaluateAsync(context, wait.Token) is not { } denial)
            {
                isLetPass = true;
                return null;
            }

            request.MarkResponse();
            request.Denial = denial;
            return new AttemptResult(UpstreamOutcome.Response(denial.Status));
        }
        catch (OperationCanceledException) when (request.Interruption.Reason != InterruptionReason.ClientGone)
        {
            return request.Interruption.Reason == InterruptionReason.AttemptTimeout
                ? AttemptResult.TimedOut
                : new AttemptResult(UpstreamOutcome.Timeout, ResetReason.LocalReset);
        }
        finally
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
