using System.Collections.Immutable;
using Gateway.Clusters;
using Gateway.Clusters.Retries;
using Gateway.Http1;
using Gateway.Requests;
using Gateway.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy;

/// <summary>
/// Sends copies of requests to mirrors, whose answers nobody waits for. They count against the circuit breakers of their clusters, and
/// there is a bound to how many are under way.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/router/shadow_writer_impl.cc and router.cc, maybeDoShadowing.</remarks>
internal sealed class Mirrors
{
    /// <summary>The most copies under way; more are dropped, as a mirror that does not keep up must not cost the gateway its memory.</summary>
    internal const int MaxConcurrent = 1024;

    private readonly UpstreamConnections _connections;
    private readonly FilterCalls _calls;
    private readonly RequestObserver _observer;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private int _active;

    /// <summary>Makes it.</summary>
    public Mirrors(UpstreamConnections connections, FilterCalls calls, RequestObserver observer, TimeProvider time, Random random) =>
        (_connections, _calls, _observer, _time, _random) = (connections, calls, observer, time, random);

    /// <summary>Draws which mirrors get a copy of a request; null for none.</summary>
    public MirrorCopies? Draw(ProxyRequest request, ForwardAction forward)
    {
        if (forward.Mirrors.IsDefaultOrEmpty)
        {
            return null;
        }

        var drawn = forward.Mirrors.RemoveAll(mirror => !mirror.IsDrawn(_random));
        return drawn.IsEmpty ? null : new MirrorCopies(this, drawn, request);
    }

    /// <summary>Sends a copy, unless there are too many.</summary>
    public void Send(MirrorCopies copies, MirrorPolicy mirror, byte[] body)
    {
        if (Interlocked.Increment(ref _active) > MaxConcurrent)
        {
            Interlocked.Decrement(ref _active);
            return;
        }

        _ = SendAsync(copies, mirror, body);
    }

    private async Task SendAsync(MirrorCopies copies, MirrorPolicy mirror, byte[] body)
    {
        using var request = new ProxyRequest(_time, _random, _calls);
        try
        {
            // From here on the client's request goes its own way.
            await Task.Yield();
            request.Begin(copies.Context(body), copies.Chain);
            copies.CopyHead(request);
            if (copies.Chain.Clusters.Find(mirror.Key) is { } cluster
                && cluster.Choose(new HostChoice(null, null, request.Head.Authority)) is { } host)
            {
                await SendAsync(request, cluster, host, copies.Timeout);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or BadHttpRequestException)
        {
            // Nobody waits for the answer.
        }
        finally
        {
            _observer.RecordArrival(request);
            request.TryEnd();
            Interlocked.Decrement(ref _active);
        }
    }

    private async Task SendAsync(ProxyRequest request, Cluster cluster, UpstreamHost host, TimeSpan? timeout)
    {
        (request.Cluster, request.Host) = (cluster, host);
        request.Timeouts = new RouteTimeouts(timeout, null);
        request.Retry = RetryState.Start(RetryPolicy.None, cluster);
        request.BeginBody(records: false);
        var result = await UpstreamAttempt.RunAsync(request, _connections);
        UpstreamAttempt.End(request, result);
        if (result.Outcome.Kind == OutcomeKind.Response && request.Denial is null)
        {
            request.BytesSent = await request.Exchange!.CopyBodyAsync();
        }
    }
}

/// <summary>The copies of one request: its head as it was when it left, and the body once that is complete.</summary>
internal sealed class MirrorCopies
{
    private readonly Mirrors _mirrors;
    private readonly ImmutableArray<MirrorPolicy> _drawn;
    private readonly RequestHead _head = new();
    private readonly string _protocol;
    private readonly System.Net.IPAddress? _client;

    /// <summary>Copies a head.</summary>
    public MirrorCopies(Mirrors mirrors, ImmutableArray<MirrorPolicy> drawn, ProxyRequest request)
    {
        (_mirrors, _drawn, Chain, Timeout) = (mirrors, drawn, request.Chain, request.Timeouts.Request);
        (_protocol, _client) = (request.Received.Protocol, request.Connection.RemoteIpAddress);
        var headers = new HeaderList(isResponse: false);
        headers.Take(request.Head.Headers);

        // What Envoy's own client adds.
        headers["x-envoy-internal"] = "true";
        var head = request.Head;
        _head.Reset(head.Method, head.Scheme, head.Authority, head.Path, head.Query, headers);
    }

    /// <summary>The filter chain of the request.</summary>
    public FilterChain Chain { get; }

    /// <summary>The route's timeout, which holds for a copy too.</summary>
    public TimeSpan? Timeout { get; }

    /// <summary>Sends the copies; a request whose body was too long to keep has none.</summary>
    public void Send(ProxyRequest request)
    {
        if (!request.Body.CanReplay)
        {
            return;
        }

        foreach (var mirror in _drawn)
        {
            _mirrors.Send(this, mirror, request.Body.Recorded.ToArray());
        }
    }

    /// <summary>A request of the gateway's own with the same content, whose response goes nowhere.</summary>
    public HttpContext Context(byte[] body)
    {
        var context = new DefaultHttpContext();
        var request = context.Request;
        (request.Method, request.Protocol) = (_head.Method, _protocol);
        request.Body = new MemoryStream(body);
        foreach (var (name, values) in _head.Headers)
        {
            request.Headers[name] = values;
        }

        context.Connection.RemoteIpAddress = _client;
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new KnownBody(body.Length > 0));
        return context;
    }

    /// <summary>Gives a copy its head.</summary>
    public void CopyHead(ProxyRequest copy) => copy.TakeHead(_head.Scheme, _head.Authority, _head.Path, _head.Query);
}

/// <summary>Whether a request of the gateway's own has a body.</summary>
internal sealed record KnownBody(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;
