using System.IO.Pipelines;
using System.Net;
using Gateway.Clusters;
using Gateway.Clusters.Retries;
using Gateway.Http1;
using Gateway.Policies;
using Gateway.Requests;
using Gateway.Routing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy;

/// <summary>One request on its way through the proxy, with all that is known of it. Used again for the next request.</summary>
internal sealed partial class ProxyRequest : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Action _onBodyComplete;
    private readonly Action<PolicyContext> _findRouteAgain;
    private readonly FilterCalls _calls;
    private IHttpResponseBodyFeature _responseBody = null!;
    private GrpcMessages? _messages;
    private InboundRequest? _inbound;
    private RetryState _retry;
    private bool _isConnected;

    /// <summary>Makes one.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chance.</param>
    /// <param name="calls">Sends the requests of its filters.</param>
    public ProxyRequest(TimeProvider time, Random random, FilterCalls calls)
    {
        (_time, _random, _calls) = (time, random, calls);
        Interruption = new Interruption(time);
        Policies = new PolicyContext(Head) { Callbacks = this };
        Http1 = new Http1Exchange(this);
        _onBodyComplete = OnBodyComplete;
        _findRouteAgain = _ => FindRoute();
    }

    /// <summary>The clock.</summary>
    public TimeProvider Time => _time;

    /// <summary>Chance.</summary>
    public Random Random => _random;

    /// <summary>The request as the server knows it, and its response.</summary>
    public HttpContext Context { get; private set; } = null!;

    /// <summary>The request as it was received.</summary>
    public IHttpRequestFeature Received { get; private set; } = null!;

    /// <summary>The response.</summary>
    public IHttpResponseFeature Response { get; private set; } = null!;

    /// <summary>The connection that it came in by.</summary>
    public IHttpConnectionFeature Connection { get; private set; } = null!;

    /// <summary>Cancelled when the client has gone.</summary>
    public CancellationToken Aborted { get; private set; }

    /// <summary>The filter chain that it came in by.</summary>
    public FilterChain Chain { get; private set; } = null!;

    /// <summary>The request as the rules see it, and change it.</summary>
    public RequestHead Head { get; } = new();

    /// <summary>Its way through the policies.</summary>
    public PolicyContext Policies { get; }

    /// <summary>Its body.</summary>
    public RequestStream Body { get; } = new();

    /// <summary>What ends it from outside.</summary>
    public Interruption Interruption { get; }

    /// <summary>Its exchange with an HTTP/1.1 upstream.</summary>
    public Http1Exchange Http1 { get; }

    /// <summary>The route and the destination.</summary>
    public RouteMatch Match { get; set; }

    /// <summary>The cluster of the destination.</summary>
    public Cluster? Cluster { get; set; }

    /// <summary>The host of the last attempt.</summary>
    public UpstreamHost? Host { get; set; }

    /// <summary>What of the request chooses its host; null when that does not depend on the request.</summary>
    public ulong? Hash { get; set; }

    /// <summary>The last attempt's exchange with its host.</summary>
    public UpstreamExchange? Exchange { get; set; }

    /// <summary>The last attempt as the host's own proxy sees it.</summary>
    public Arrival Arrival { get; } = new();

    /// <summary>Its retries.</summary>
    public ref RetryState Retry => ref _retry;

    /// <summary>Whether it is a gRPC call.</summary>
    public bool IsGrpc { get; private set; }

    /// <summary>The messages of a gRPC call; null for any other request.</summary>
    public GrpcMessages? Messages => IsGrpc ? _messages : null;

    /// <summary>What writes the body of the upstream's response.</summary>
    public PipeWriter ResponseWriter => Messages?.Counting(_responseBody.Writer) ?? _responseBody.Writer;

    /// <summary>The protocol that the client asks to change to; null for none.</summary>
    public string? Upgrade { get; set; }

    /// <summary>Whether the rest of the request had time to come while nobody read it.</summary>
    public bool MayHaveArrived { get; set; }

    /// <summary>Whether all of the request has come. What wants another protocol has no end.</summary>
    public bool IsReceived => Upgrade is null && (MayHaveArrived ? Body.HasArrived(Context) : Body.IsReceived(Context));

    /// <summary>The path as the client sent it, before rewrites.</summary>
    public string OriginalPath { get; private set; } = "";

    /// <summary>Why the response is not simply the upstream's.</summary>
    public ResponseFlags Flags { get; set; }

    /// <summary>Envoy's response code details.</summary>
    public string Details { get; set; } = "";

    /// <summary>What the transport said of the last failure; empty for nothing.</summary>
    public string TransportFailure { get; set; } = "";

    /// <summary><c>grpc-status</c> of a gRPC call; null without one.</summary>
    public int? GrpcStatus { get; set; }

    /// <summary>The gateway's end of the connection to the upstream; null where it is not known.</summary>
    public IPEndPoint? UpstreamLocalAddress { get; set; }

    /// <summary>What is told of it in the end.</summary>
    public RequestSummary Summary { get; } = new();

    /// <summary>How many bytes of body went to the client.</summary>
    public long BytesSent { get; set; }

    /// <summary>When it began, as a timestamp.</summary>
    public long StartedAt { get; private set; }

    /// <summary>When all of it had been received; 0 before that.</summary>
    public long CompletedAt { get; private set; }

    /// <summary>When the upstream's response began; 0 without one.</summary>
    public long RespondedAt { get; set; }

    /// <summary>Whether the upstream has sent an interim response, after which no other attempt is made.</summary>
    public bool HasInterimResponse { get; set; }

    /// <summary>Its copies for mirrors; null for none.</summary>
    public MirrorCopies? Copies { get; set; }

    /// <summary>The answer of the workload's own policies; null when they let the request pass.</summary>
    public LocalReply? Denial { get; set; }

    /// <summary>Its way through the policies of the workload; null for a workload without any.</summary>
    public PolicyContext? InboundPolicies { get; set; }

    /// <summary>The last attempt as it arrives at a workload that has policies of its own.</summary>
    public InboundRequest Inbound => _inbound ??= new InboundRequest(this);

    /// <summary>The cookies by which the client will be sent to the same host again.</summary>
    public StringValues AffinityCookies { get; set; }

    /// <summary>Why the rest of the body cannot be had from the client; null as long as it can.</summary>
    public IOException? BodyFailure { get; set; }

    /// <summary>The time limits.</summary>
    public RouteTimeouts Timeouts { get; set; }

    /// <summary>How many attempts there were.</summary>
    public int Attempts => Cluster is null ? 0 : _retry.Attempt;

    /// <summary>Begins.</summary>
    public void Begin(HttpContext context, FilterChain chain)
    {
        (Context, Chain) = (context, chain);
        StartedAt = _time.GetTimestamp();
        if (context.Features is RequestFeatures { AreReplaced: false } plain)
        {
            // All in one, which the context would have to be asked for one after the other.
            (Received, Response, Connection, _responseBody, Aborted) = (plain, plain, plain, plain, plain.RequestAborted);
        }
        else
        {
            var features = context.Features;
            Received = features.GetRequiredFeature<IHttpRequestFeature>();
            Response = features.GetRequiredFeature<IHttpResponseFeature>();
            Connection = features.GetRequiredFeature<IHttpConnectionFeature>();
            _responseBody = features.GetRequiredFeature<IHttpResponseBodyFeature>();
            Aborted = context.RequestAborted;
        }

        Interruption.Begin(Aborted);
    }

    /// <summary>Takes the head, once the target has been understood.</summary>
    public void TakeHead(string scheme, string authority, string path, string query)
    {
        Head.Reset(Received.Method, scheme, authority, path, query, Received.Headers);
        Head.SourceAddress = Connection.RemoteIpAddress;
        Head.SourcePort = Connection.RemotePort;
        Head.RemoteAddress = Connection.RemoteIpAddress;
        Head.DestinationPort = Chain.Port;
        IsGrpc = Requests.GrpcStatus.IsGrpc(Head.Headers);
        if (IsGrpc)
        {
            _messages ??= new GrpcMessages();
            _messages.Reset();
            Body.Messages = _messages;
        }

        OriginalPath = path;
    }

    /// <summary>Finds the route; the policies may ask for that again, when routes depend on what they find out.</summary>
    public void FindRoute()
    {
        Match = Chain.Routes.Match(Head, _random);
        var route = Match.Route;
        Policies.MatchRoute = _findRouteAgain;
        Policies.Route = new RouteScope(Match.VirtualHost?.Name, route?.Name, route?.Fault, route?.Forward is null ? null : route.Cors)
        {
            IsMatched = route is not null,
        };
    }

    /// <summary>Begins with the body.</summary>
    /// <param name="records">Whether it may be sent again.</param>
    public void BeginBody(bool records)
    {
        MayHaveArrived = false;
        if (Upgrade is null)
        {
            Body.Begin(Context, records, _onBodyComplete);
        }
        else
        {
            // Its end never comes, so the time for the answer begins at once (source/common/router/upstream_request.cc, acceptHeadersFromRouter).
            Body.BeginUpgrade();
            LimitRequest();
        }
    }

    /// <summary>Another attempt waits for its connection.</summary>
    public void BeginConnecting()
    {
        _isConnected = false;
        if (Upgrade is not null)
        {
            OnConnected();
        }
    }

    /// <summary>
    /// The attempt has its connection, or its stream: from here on it has a time of its own, unless more of the request is to come
    /// (source/common/router/upstream_request.cc, onPoolReady).
    /// </summary>
    public void OnConnected()
    {
        if (!_isConnected)
        {
            _isConnected = true;
            LimitAttempt();
        }
    }

    /// <summary>Ends.</summary>
    /// <returns>False when this must not be used again.</returns>
    public bool TryEnd()
    {
        _retry.End();
        Arrival.Reset();
        Body.End();
        var isReusable = Interruption.TryEnd();
        Policies.Reset();
        _inbound?.Policies.Reset();
        (Context, Received, Response, Connection, _responseBody, Aborted) = (null!, null!, null!, null!, null!, default);
        (Chain, Match, Cluster, Host, Hash, Exchange) = (null!, default, null, null, null, null);
        (_retry, Timeouts, Upgrade, IsGrpc, HasInterimResponse) = (default, default, null, false, false);
        (GrpcStatus, UpstreamLocalAddress, InboundPolicies) = (null, null, null);
        (_isConnected, MayHaveArrived) = (false, false);
        (Flags, Details, TransportFailure, Denial, AffinityCookies) = (ResponseFlags.None, "", "", null, default);
        (BytesSent, CompletedAt, RespondedAt, BodyFailure, Copies) = (0, 0, 0, null, null);
        Head.Reset("GET", "http", "", "/", "", Head.Headers);
        return isReusable;
    }

    /// <summary>Time since the request began.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(StartedAt);

    /// <summary>Time since all of the request had been received; zero before that.</summary>
    public TimeSpan SinceCompleted => CompletedAt == 0 ? TimeSpan.Zero : _time.GetElapsedTime(CompletedAt);

    /// <summary>Says that the upstream's response has begun.</summary>
    public void MarkResponse() => RespondedAt = _time.GetTimestamp();

    /// <summary>From the end of the request to the beginning of the response; null when the response came before the request's end.</summary>
    public TimeSpan? UpstreamTime => CompletedAt == 0 || RespondedAt == 0 ? null : _time.GetElapsedTime(CompletedAt, RespondedAt);

    public void Dispose() => Interruption.Dispose();

    /// <summary>The time limits begin when all of the request has been received (source/common/router/router.cc, onRequestComplete).</summary>
    private void OnBodyComplete()
    {
        CompletedAt = _time.GetTimestamp();
        LimitRequest();
        LimitAttempt();
        Copies?.Send(this);
    }

    private void LimitRequest()
    {
        if (Timeouts.Request is { } limit)
        {
            Interruption.LimitRequest(limit);
        }
    }

    private void LimitAttempt()
    {
        if (_isConnected && (Body.IsComplete || Upgrade is not null) && Timeouts.Attempt is { } limit)
        {
            Interruption.LimitAttempt(limit);
        }
    }
}

/// <summary>The time limits of a request.</summary>
/// <param name="Request">For the whole request, retries included; null for none.</param>
/// <param name="Attempt">For each attempt; null for none.</param>
internal readonly record struct RouteTimeouts(TimeSpan? Request, TimeSpan? Attempt);
