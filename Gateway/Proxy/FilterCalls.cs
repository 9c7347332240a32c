using System.Net;
using Gateway.Clusters;
using Gateway.Clusters.Retries;
using Gateway.Policies;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy;

/// <summary>
/// Sends the requests of filters, such as the questions to external authorizers: to a host of a cluster as any other request, by the same
/// connections, within the same limits and through the same policies of the workload.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/http/async_client_impl.cc</remarks>
internal sealed class FilterCalls
{
    // An authorizer may have an authorizer of its own. One that asks itself, as Istio lets it until its time runs out, must come to an end.
    private const int MaxDepth = 4;

    private readonly UpstreamConnections _connections;
    private readonly RequestObserver _observer;
    private readonly TimeProvider _time;
    private readonly Random _random;

    /// <summary>Makes it.</summary>
    public FilterCalls(UpstreamConnections connections, RequestObserver observer, TimeProvider time, Random random) =>
        (_connections, _observer, _time, _random) = (connections, observer, time, random);

    /// <summary>Sends a request, and waits for the whole response.</summary>
    /// <param name="source">The request that a filter looks at.</param>
    /// <param name="cluster">Where to.</param>
    /// <param name="call">The request.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>The response; null when there is none.</returns>
    public async ValueTask<FilterCallResponse?> SendAsync(
        ProxyRequest source, Cluster cluster, FilterCall call, CancellationToken cancellationToken)
    {
        if (source.CallDepth == MaxDepth || cluster.Choose(new HostChoice(null, null, call.Authority)) is not { } host)
        {
            return null;
        }

        using var request = new ProxyRequest(_time, _random, this) { CallDepth = source.CallDepth + 1 };
        var body = new MemoryStream();
        try
        {
            request.Begin(ContextOf(call, body, cancellationToken), source.Chain);
            Prepare(request, cluster, host, call);
            return await ExchangeAsync(request, body);
        }
        catch (IOException)
        {
            return null;
        }
        finally
        {
            _observer.RecordArrival(request);
            request.TryEnd();
        }
    }

    private static void Prepare(ProxyRequest request, Cluster cluster, UpstreamHost host, FilterCall call)
    {
        var query = call.Path.IndexOf('?', StringComparison.Ordinal);
        request.TakeHead("http", call.Authority, query < 0 ? call.Path : call.Path[..query], query < 0 ? "" : call.Path[query..]);
        (request.Cluster, request.Host) = (cluster, host);
        request.Timeouts = new RouteTimeouts(call.Timeout, null);
        request.Retry = RetryState.Start(RetryPolicy.None, cluster);
        ExpectedTimeout.Tell(request, TimeSpan.Zero);
        request.BeginBody(records: false);
    }

    private async ValueTask<FilterCallResponse?> ExchangeAsync(ProxyRequest request, MemoryStream body)
    {
        var result = await UpstreamAttempt.RunAsync(request, _connections);
        UpstreamAttempt.End(request, result);
        if (result.Outcome.Kind != OutcomeKind.Response)
        {
            return null;
        }

        var response = request.Context.Response;
        if (request.Denial is { } denial)
        {
            await LocalReplies.WriteAsync(request, denial, () => UpstreamAttempt.FinishHeaders(request));
        }
        else
        {
            request.BytesSent = await request.Exchange!.CopyBodyAsync();
            UpstreamAttempt.FinishHeaders(request);
        }

        await response.BodyWriter.FlushAsync();
        response.Headers.Remove("content-length");
        return new FilterCallResponse(response.StatusCode, response.Headers, body.GetBuffer().AsMemory(0, (int)body.Length), request.GrpcStatus);
    }

    private static DefaultHttpContext ContextOf(FilterCall call, Stream response, CancellationToken cancellationToken)
    {
        var context = new DefaultHttpContext { RequestAborted = cancellationToken };
        var request = context.Request;
        (request.Method, request.Protocol, request.Body) = (call.Method, HttpProtocol.Http11, new MemoryStream(call.Body.ToArray()));
        foreach (var (name, values) in call.Headers)
        {
            request.Headers[name] = values;
        }

        // It says its length also when that is nothing.
        request.ContentLength = call.Body.Length;
        context.Response.Body = response;
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new KnownBody(call.Body.Length > 0));
        return context;
    }
}
