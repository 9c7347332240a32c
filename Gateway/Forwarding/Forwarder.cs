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
/// failed endpoint (no max_fails), so neither does this. A retry takes the next turn, but of an endpoint not tried yet. Unlike the Lua
/// balancer, which under load may give a request the same dead endpoint three times.
/// https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream
/// </remarks>
internal sealed partial class Forwarder
{
    /// <summary>proxy_next_upstream_tries: 3, also when there are fewer endpoints.</summary>
    internal const int MaxTries = 3;

    private readonly IHttpForwarder _forwarder;
    private readonly UpstreamClient _client;
    private readonly ILogger<Forwarder> _logger;

    public Forwarder(IHttpForwarder forwarder, UpstreamClient client, ILogger<Forwarder> logger)
    {
        _forwarder = forwarder;
        _client = client;
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

        return context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
            ? ForwardWithBodyAsync(context, service, target)
            : TryEndpointsAsync(context, service, new Exchange(target, body: null));
    }

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

        await TryEndpointsAsync(context, service, new Exchange(target, body));
    }

    private async Task TryEndpointsAsync(HttpContext context, ServicePort service, Exchange exchange)
    {
        var tried = default(TriedEndpoints);
        for (var tries = 1; ; tries++)
        {
            exchange.Endpoint = tried.Next(service);
            exchange.PrepareBody(context);
            var error = await _forwarder.SendAsync(
                context, exchange.Endpoint.Prefix, _client.Invoker, _client.Config, exchange, CancellationToken.None);
            if (error == ForwarderError.None || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            var failure = UpstreamFailure.Of(error, context.Features.Get<IForwarderErrorFeature>()?.Exception);
            LogFailure(exchange.Endpoint, service.Name, failure.Reason, context.Request.Method, exchange.Target, tries);
            if (context.Response.HasStarted)
            {
                return;
            }

            context.Features.Set<IForwarderErrorFeature>(null);
            if (tries == MaxTries || !failure.MayTryNext(context.Request.Method))
            {
                context.Response.Clear();
                await ErrorPage.WriteAsync(context, failure.Status);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status200OK;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Endpoint {Endpoint} of {Service}: {Reason} ({Method} {Target}, try {Try}).")]
    private partial void LogFailure(ServiceEndpoint endpoint, string service, string reason, string method, string target, int @try);
}
