using System.Net;
using System.Text;
using Conformance.Cases;
using Conformance.Time;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Conformance.Upstreams;

/// <summary>An endpoint that speaks HTTP/2 with prior knowledge, for services of gRPC and HTTP/2.</summary>
internal sealed class Http2Endpoint : IEndpoint
{
    private readonly WebApplication _app;
    private readonly Script _script;
    private readonly EndpointDelays _delays;
    private readonly SeenRequests _seen;

    private Http2Endpoint(string name, Script script, VirtualTime time, SeenRequests seen)
    {
        (Name, _script, _delays, _seen) = (name, script, new EndpointDelays(time), seen);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Listen(IPAddress.Loopback, 0, listener => listener.Protocols = HttpProtocols.Http2);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Name { get; }

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port;

    public int Delays => _delays.Count;

    /// <summary>Starts an endpoint.</summary>
    public static async Task<Http2Endpoint> StartAsync(string name, Script script, VirtualTime time, SeenRequests seen)
    {
        var endpoint = new Http2Endpoint(name, script, time, seen);
        await endpoint._app.StartAsync();
        return endpoint;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _seen.Add(new SeenRequest(Name, Read(context.Request, body.ToArray()), context.Connection.Id));
        var reply = _script.Next();
        if (Script.DelayOf(reply) is { Ticks: > 0 } delay)
        {
            var aborted = context.RequestAborted;
            await _delays.WaitAsync(delay, () => !aborted.IsCancellationRequested, aborted);
        }

        if (reply.Instead == "reset")
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(errorCode: 2);
            return;
        }

        await RespondAsync(reply, context);
    }

    /// <summary>The request as it would have been in HTTP/1.1.</summary>
    private static RawRequest Read(HttpRequest request, byte[] body)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var head = new StringBuilder($"{request.Method} {target} {request.Protocol}\r\nhost: {request.Host}\r\n");
        foreach (var (name, value) in request.Headers.Where(header => !header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase)))
        {
            head.Append($"{name}: {value}\r\n");
        }

        return new RawRequest(request.Method, target, head.ToString(), body);
    }

    private async Task RespondAsync(Reply reply, HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            response.Headers[name] = value;
        }

        if (reply.Grpc is { } grpc)
        {
            response.ContentType = "application/grpc";
            await response.StartAsync();
            response.AppendTrailer("grpc-status", $"{grpc}");
            return;
        }

        foreach (var (name, value) in reply.Trailers)
        {
            response.AppendTrailer(name, value);
        }

        await response.WriteAsync(Script.BodyOf(reply, Name, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget));
    }
}
