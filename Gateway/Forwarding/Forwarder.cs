using System.Diagnostics;
using Gateway.Http1;
using Gateway.Ingress;
using Gateway.Registry;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// Sends a request to an endpoint of a service, and to the next one where nginx does: <c>proxy_next_upstream error timeout</c>, three
/// tries.
/// </summary>
/// <remarks>
/// ingress-nginx balances per request, round robin, in Lua (rootfs/etc/nginx/lua/balancer/round_robin.lua); nothing there remembers a
/// failed endpoint (no max_fails), so neither does this. A retry takes the next turn, but of an endpoint not tried yet, unlike the Lua
/// balancer, which under load may give a request the same dead endpoint three times.
/// https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream
/// </remarks>
internal sealed partial class Forwarder
{
    /// <summary>proxy_next_upstream_tries: 3, also when there are fewer endpoints.</summary>
    internal const int MaxTries = 3;

    private readonly HttpExchange _exchange;
    private readonly IHttpForwarder _forwarder;
    private readonly UpgradeClient _upgrades;
    private readonly ILogger<Forwarder> _logger;

    public Forwarder(HttpExchange exchange, IHttpForwarder forwarder, UpgradeClient upgrades, ILogger<Forwarder> logger)
    {
        _exchange = exchange;
        _forwarder = forwarder;
        _upgrades = upgrades;
        _logger = logger;
    }

    /// <summary>Forwards a request and answers it, whatever happens.</summary>
    /// <param name="context">The request.</param>
    /// <param name="service">The service port.</param>
    /// <param name="target">The request target for the endpoint.</param>
    public Task ForwardAsync(HttpContext context, ServicePort service, string target)
    {
        if (service.Endpoints.IsEmpty)
        {
            return ErrorPage.WriteAsync(context, StatusCodes.Status503ServiceUnavailable);
        }

        if (IsWebSocket(context))
        {
            return UpgradeAsync(context, service, target);
        }

        return context.CanHaveBody()
            ? ForwardWithBodyAsync(context, service, target)
            : ForwardAsync(new ContextClient(context), service, target, body: null);
    }

    /// <summary>Forwards a plain request, to a service that has endpoints.</summary>
    /// <param name="context">The request.</param>
    /// <param name="plain">The same.</param>
    /// <param name="service">The service port.</param>
    /// <param name="target">The request target for the endpoint.</param>
    public Task ForwardAsync(HttpContext context, RequestFeatures plain, ServicePort service, string target) =>
        ForwardAsync(new PlainClient(context, plain), service, target, body: null);

    private static bool IsWebSocket(HttpContext context) =>
        context.IsUpgradable()
        && string.Equals(context.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// As with proxy_request_buffering on, the whole body is read before an endpoint sees the request: a slow client ties up no endpoint,
    /// the request can be repeated, and the endpoint gets a Content-Length.
    /// </summary>
    private async Task ForwardWithBodyAsync(HttpContext context, ServicePort service, string target)
    {
        using var body = new RequestBody();
        if (!await body.TryReadAsync(context.Request.Body, IngressDoorHandler.MaxBodySize, context.RequestAborted))
        {
            await ErrorPage.WriteAsync(context, StatusCodes.Status413PayloadTooLarge);
            return;
        }

        await ForwardAsync(new ContextClient(context), service, target, body);
    }

    private async Task ForwardAsync<TClient>(TClient client, ServicePort service, string target, RequestBody? body)
        where TClient : struct, IClient
    {
        using var message = client.WriteRequest(target, body);
        if (message.HeadSize > IngressDoorHandler.MaxHeadSize)
        {
            await client.AnswerAsync(StatusCodes.Status400BadRequest);
            return;
        }

        var tried = default(TriedEndpoints);
        for (var tries = 1; ; tries++)
        {
            var endpoint = tried.Next(service);
            try
            {
                await _exchange.RunAsync(client, endpoint, message);
                return;
            }
            catch (UpstreamException exception) when (!client.Gone.IsCancellationRequested)
            {
                var failure = exception.Failure;
                Tell(endpoint, failure.Reason);
                LogFailure(endpoint, service.Name, failure.Reason, client.Method, target, tries);
                if (tries == MaxTries || !failure.MayTryNext(client.Method))
                {
                    await client.AnswerAsync(failure.Status);
                    return;
                }
            }
        }
    }

    /// <summary>WebSockets are YARP's: a tunnel in both directions after the endpoint's 101.</summary>
    private async Task UpgradeAsync(HttpContext context, ServicePort service, string target)
    {
        var transformer = new UpgradeTransformer(target);
        var tried = default(TriedEndpoints);
        for (var tries = 1; ; tries++)
        {
            var endpoint = tried.Next(service);
            var error = await _forwarder.SendAsync(
                context, endpoint.Prefix, _upgrades.Invoker, _upgrades.Config, transformer, CancellationToken.None);
            if (error == ForwarderError.None || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            var failure = UpstreamFailure.Of(error, context.Features.Get<IForwarderErrorFeature>()?.Exception);
            LogFailure(endpoint, service.Name, failure.Reason, context.Request.Method, target, tries);
            if (context.Response.HasStarted)
            {
                return;
            }

            context.Response.Clear();
            if (tries == MaxTries || !failure.MayTryNext(context.Request.Method))
            {
                await ErrorPage.WriteAsync(context, failure.Status);
                return;
            }
        }
    }

    // A try that failed can be seen in the trace, which otherwise shows only the last one.
    private static void Tell(ServiceEndpoint endpoint, string reason) => Activity.Current?.AddEvent(new ActivityEvent(
        "upstream try failed", tags: new ActivityTagsCollection { ["upstream_addr"] = endpoint.Authority, ["error.type"] = reason }));

    [LoggerMessage(LogLevel.Warning, "Endpoint {Endpoint} of {Service}: {Reason} ({Method} {Target}, try {Try}).")]
    private partial void LogFailure(ServiceEndpoint endpoint, string service, string reason, string method, string target, int @try);
}
