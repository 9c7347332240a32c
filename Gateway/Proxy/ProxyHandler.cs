using Gateway.Http1;
using Gateway.Listening;
using Gateway.Mesh;
using Gateway.Requests;
using Microsoft.Extensions.ObjectPool;
using Route = Gateway.Routing.Route;

namespace Gateway.Proxy;

/// <summary>
/// The end of the HTTP server for the Istio door and for the mesh role: Envoy's HTTP connection manager. Takes a request, finds its
/// route, lets the policies look at it, and routes it, in Envoy's order. The one delegate of their request path.
/// </summary>
internal sealed partial class ProxyHandler
{
    // More than a laptop's requests at one time; those beyond cost an allocation each.
    private const int MaxRetained = 1024;

    private readonly MeshState _mesh;
    private readonly Router _router;
    private readonly RequestObserver _observer;
    private readonly ILogger<ProxyHandler> _logger;
    private readonly ObjectPool<ProxyRequest> _requests;

    /// <summary>Makes the handler.</summary>
    public ProxyHandler(
        MeshState mesh, Router router, FilterCalls calls, RequestObserver observer, TimeProvider time, Random random,
        ILogger<ProxyHandler> logger)
    {
        (_mesh, _router, _observer, _logger) = (mesh, router, observer, logger);
        _requests = new DefaultObjectPoolProvider { MaximumRetained = MaxRetained }.Create(new RequestPolicy(time, random, calls));
    }

    /// <summary>Handles a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="listener">The listener that it came in by.</param>
    public async Task InvokeAsync(HttpContext context, DoorListener listener)
    {
        var request = _requests.Get();
        request.Begin(context, _mesh.Current.Proxies.Find(listener, context));
        try
        {
            // One method waits for what requests mostly wait for: each one more that waits costs.
            var reply = FindRoute(request) ?? await FilterAsync(request);
            if (reply is not null)
            {
                await LocalReplies.WriteAsync(request, reply);
            }
            else if (request.Match.Route is { Forward: null } route)
            {
                await AnswerAsync(request, route);
            }
            else
            {
                await _router.EndAsync(request, await _router.SendAsync(request));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || context.RequestAborted.IsCancellationRequested)
        {
            // There is nobody to answer.
            request.Flags |= ResponseFlags.DC;
            request.Details = "downstream_remote_disconnect";
        }
        catch (BadHttpRequestException) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            await LocalReplies.WriteAsync(request, LocalReplies.BadBody);
        }
        catch (IOException)
        {
            BreakOff(request);
        }
        catch (Exception exception)
        {
            LogFailure(exception, context.Request.Method, context.RawTarget());
            await FailAsync(request);
        }
        finally
        {
            _observer.Record(request);
            _requests.Return(request);
        }
    }

    /// <summary>Finds the route of a request.</summary>
    /// <returns>The answer to a request that is refused; null for one that goes on.</returns>
    private static LocalReply? FindRoute(ProxyRequest request)
    {
        if (RequestPreparation.Prepare(request) is { } refusal)
        {
            return refusal;
        }

        request.FindRoute();
        return RequestPreparation.CheckUpgrade(request);
    }

    /// <summary>Lets the policies look at the request.</summary>
    /// <returns>The answer; null for a request that its route answers, or that can be sent.</returns>
    private ValueTask<LocalReply?> FilterAsync(ProxyRequest request)
    {
        var deciding = request.Chain.Policies.EvaluateAsync(request.Policies, request.Aborted);
        return deciding.IsCompletedSuccessfully ? new(EndFilters(request, deciding.Result)) : WaitAsync(request, deciding);
    }

    private async ValueTask<LocalReply?> WaitAsync(ProxyRequest request, ValueTask<LocalReply?> deciding)
    {
        var reply = await deciding;
        request.MayHaveArrived = true;
        return EndFilters(request, reply);
    }

    private LocalReply? EndFilters(ProxyRequest request, LocalReply? reply)
    {
        request.Flags |= request.Policies.Flags;
        return reply
            ?? (request.Match.Route is not { } route ? LocalReplies.NoRoute : route.Forward is null ? null : _router.Begin(request));
    }

    /// <summary>A route that answers by itself: a redirect, or a fixed response.</summary>
    private static async ValueTask AnswerAsync(ProxyRequest request, Route route)
    {
        var response = request.Context.Response;
        var body = ReadOnlyMemory<byte>.Empty;
        request.Details = "direct_response";
        if (route.Redirect is { } redirect)
        {
            response.StatusCode = redirect.Status;
            response.Headers.Location = redirect.Location(request.Head);
        }
        else
        {
            response.StatusCode = route.DirectResponse!.Status;
            body = route.DirectResponse.Body;
        }

        if (body.Length > 0)
        {
            response.ContentType = "text/plain";
        }

        route.FinishResponse(response.Headers, request.Head, null);
        LocalReplies.Finish(request);
        await LocalReplies.WriteBodyAsync(request, body);
    }

    /// <summary>The client has a part of the response already; that there is no more can only be said by breaking off.</summary>
    private static void BreakOff(ProxyRequest request)
    {
        request.Flags |= request.Interruption.Reason == InterruptionReason.RequestTimeout ? ResponseFlags.UT : ResponseFlags.UC;
        request.Details = request.Interruption.Reason == InterruptionReason.RequestTimeout
            ? "response_timeout" : "upstream_reset_after_response_started{connection_termination}";
        request.Context.Abort();
    }

    private static async ValueTask FailAsync(ProxyRequest request)
    {
        if (request.Context.Response.HasStarted)
        {
            request.Context.Abort();
            return;
        }

        request.Context.Response.Clear();
        await LocalReplies.WriteAsync(request, LocalReplies.InternalError);
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Target} failed in the gateway itself; answered with 500.")]
    private partial void LogFailure(Exception exception, string method, string target);

    private sealed class RequestPolicy(TimeProvider time, Random random, FilterCalls calls) : PooledObjectPolicy<ProxyRequest>
    {
        public override ProxyRequest Create() => new(time, random, calls);

        public override bool Return(ProxyRequest obj) => obj.TryEnd();
    }
}
