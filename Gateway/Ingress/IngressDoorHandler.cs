using System.Buffers;
using Gateway.Forwarding;
using Gateway.Http1;
using Gateway.Mesh;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Net.Http.Headers;

namespace Gateway.Ingress;

/// <summary>
/// The Ingress door's end of the HTTP server: takes a request, lets <see cref="IngressDoor"/> decide, answers or forwards. The one
/// delegate of the request path.
/// </summary>
internal sealed partial class IngressDoorHandler
{
    /// <summary>client_max_body_size in bytes; ingress-nginx's default is 1m.</summary>
    internal const int MaxBodySize = 1024 * 1024;

    /// <summary>A line of a request must fit into one of large_client_header_buffers; ingress-nginx's are 4 of 8k.</summary>
    internal const int MaxLineSize = 8 * 1024;

    /// <summary>All of them together.</summary>
    internal const int MaxHeadSize = 4 * MaxLineSize;

    // What nginx takes for a method: capital letters, "_" and "-".
    private static readonly SearchValues<char> MethodCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

    private readonly MeshState _mesh;
    private readonly Forwarder _forwarder;
    private readonly HealthCheckService _health;
    private readonly CancellationToken _stopping;
    private readonly ILogger<IngressDoorHandler> _logger;

    public IngressDoorHandler(
        MeshState mesh,
        Forwarder forwarder,
        HealthCheckService health,
        IHostApplicationLifetime lifetime,
        ILogger<IngressDoorHandler> logger)
    {
        _mesh = mesh;
        _forwarder = forwarder;
        _health = health;
        _stopping = lifetime.ApplicationStopping;
        _logger = logger;
    }

    /// <summary>Handles a request.</summary>
    public Task InvokeAsync(HttpContext context) =>
        context.Features is RequestFeatures { HasOnStarting: false, AreReplaced: false } plain
            ? ServePlainAsync(context, plain)
            : ServeAsync(context, decided: null);

    /// <summary>
    /// A plain request that is forwarded needs nothing of what follows: its failures are the server's to tell. Somebody who wants to see the
    /// response before it goes out would not see it there.
    /// </summary>
    private Task ServePlainAsync(HttpContext context, RequestFeatures plain)
    {
        var decision = _mesh.Current.Ingress.Decide(plain.RequestHeaders[HeaderNames.Host], plain.RawTarget);
        return decision is { Action: IngressAction.Forward, Status: 0, Location.Service: { Endpoints.IsEmpty: false } service }
            ? _forwarder.ForwardAsync(context, plain, service, decision.Target)
            : ServeAsync(context, decision);
    }

    private async Task ServeAsync(HttpContext context, IngressDecision? decided)
    {
        try
        {
            await DispatchAsync(context, decided);
        }
        catch (Exception exception) when (exception is OperationCanceledException || context.RequestAborted.IsCancellationRequested)
        {
            // The connection has gone; there is nobody to answer.
        }
        catch (Exception exception)
        {
            LogFailure(exception, context.Request.Method, context.RawTarget());
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            context.Response.Clear();
            await ErrorPage.WriteAsync(context, StatusCodes.Status500InternalServerError);
        }
    }

    private Task DispatchAsync(HttpContext context, IngressDecision? decided)
    {
        var request = context.Request;
        if (IsRefused(request))
        {
            return ErrorPage.WriteAsync(context, StatusCodes.Status400BadRequest);
        }

        var target = context.RawTarget();
        if (request.Method.Length + target.Length + " HTTP/1.1".Length > MaxLineSize)
        {
            return ErrorPage.WriteAsync(context, StatusCodes.Status414UriTooLong);
        }

        var decision = decided ?? _mesh.Current.Ingress.Decide(request.Headers.Host, target);
        var status = Status(request, decision);
        if (status > 0)
        {
            return ErrorPage.WriteAsync(context, status);
        }

        switch (decision.Action)
        {
            case IngressAction.Redirect:
                context.Response.Headers.Location = $"{request.Scheme}://{RedirectHost(context)}{decision.Target}";
                return ErrorPage.WriteAsync(context, StatusCodes.Status301MovedPermanently);
            case IngressAction.Health:
                return AnswerHealthAsync(context);
            default:
                return _forwarder.ForwardAsync(context, decision.Location!.Service!, decision.Target);
        }
    }

    /// <summary>The status of an answer of the door itself, or 0; in the order in which nginx looks.</summary>
    private static int Status(HttpRequest request, IngressDecision decision)
    {
        var unmatched = decision.Location is null;
        if (decision.Status == StatusCodes.Status400BadRequest && unmatched)
        {
            return decision.Status;
        }

        if (HttpMethods.IsTrace(request.Method) || HttpMethods.IsConnect(request.Method))
        {
            return StatusCodes.Status405MethodNotAllowed;
        }

        return request.ContentLength > MaxBodySize && !unmatched ? StatusCodes.Status413PayloadTooLarge : decision.Status;
    }

    /// <summary>What nginx answers with 400 and Kestrel lets pass.</summary>
    private static bool IsRefused(HttpRequest request)
    {
        var headers = request.Headers;
        return request.Method.AsSpan().ContainsAnyExcept(MethodCharacters)
            || (headers.Host.Count > 0 && string.IsNullOrEmpty(headers.Host))
            // A request with both lengths: Kestrel has moved the one it does not trust out of the way.
            || (headers.TransferEncoding.Count > 0 && headers.ContainsKey("X-Content-Length"));
    }

    private async Task AnswerHealthAsync(HttpContext context)
    {
        var healthy = !_stopping.IsCancellationRequested
            && (await _health.CheckHealthAsync(context.RequestAborted)).Status != HealthStatus.Unhealthy;
        context.Response.StatusCode = healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/html";
        context.Response.ContentLength = 0;
    }

    /// <summary>The host of a redirect: as the client named it, without its port (port_in_redirect off).</summary>
    private static string RedirectHost(HttpContext context)
    {
        var host = context.Request.Headers.Host.ToString().AsSpan();
        return HostName.TryNormalize(ref host) ? host.ToString().ToLowerInvariant() : $"{context.Connection.LocalIpAddress}";
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Target} failed in the gateway itself; answered with 500.")]
    private partial void LogFailure(Exception exception, string method, string target);
}
