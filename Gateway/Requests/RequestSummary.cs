using System.Net;
using Gateway.Metrics;

namespace Gateway.Requests;

/// <summary>
/// All that is known of a request when it is over: what access logs and metrics are made of. Used by one request at a time; may be used
/// again after <see cref="Reset"/>.
/// </summary>
internal sealed class RequestSummary
{
    /// <summary>The request as it was sent on: after rewrites and header changes.</summary>
    public RequestHead Request { get; set; } = new();

    /// <summary>The response's headers; null when none was sent.</summary>
    public IHeaderDictionary? ResponseHeaders { get; set; }

    /// <summary><c>HTTP/1.1</c>, <c>HTTP/2</c>.</summary>
    public string Protocol { get; set; } = "HTTP/1.1";

    /// <summary>When the request began.</summary>
    public DateTimeOffset StartTime { get; set; }

    /// <summary>How long it took, until the last byte of the response was sent.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>The response's status; 0 when none was sent.</summary>
    public int Status { get; set; }

    /// <summary>Why the response is not simply the upstream's.</summary>
    public ResponseFlags Flags { get; set; }

    /// <summary>Envoy's response code details, such as <c>via_upstream</c>.</summary>
    public string? Details { get; set; }

    /// <summary>Why the connection was closed by the proxy.</summary>
    public string? TerminationDetails { get; set; }

    /// <summary>What went wrong with the connection to the upstream.</summary>
    public string? TransportFailure { get; set; }

    /// <summary>Bytes of the request's body.</summary>
    public long BytesReceived { get; set; }

    /// <summary>Bytes of the response's body.</summary>
    public long BytesSent { get; set; }

    /// <summary>Bytes of the request with its head, as far as they are known.</summary>
    public long WireBytesReceived { get; set; }

    /// <summary>Bytes of the response with its head, as far as they are known.</summary>
    public long WireBytesSent { get; set; }

    /// <summary>The endpoint of the last attempt, as <c>127.0.0.1:8080</c>; null without one.</summary>
    public string? UpstreamHost { get; set; }

    /// <summary>The cluster's name, as <c>outbound|8080||ping.default.svc.cluster.local</c>; null without one.</summary>
    public string? UpstreamCluster { get; set; }

    /// <summary>The proxy's end of the connection to the upstream.</summary>
    public IPEndPoint? UpstreamLocalAddress { get; set; }

    /// <summary>The proxy's end of the connection from the client.</summary>
    public IPEndPoint? DownstreamLocalAddress { get; set; }

    /// <summary>The client's end, or its address from X-Forwarded-For (with port 0) where that is trusted.</summary>
    public IPEndPoint? DownstreamRemoteAddress { get; set; }

    /// <summary>The route's name; null or empty for none.</summary>
    public string? RouteName { get; set; }

    /// <summary>How many attempts there were.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether it was a gRPC call.</summary>
    public bool IsGrpc { get; set; }

    /// <summary><c>grpc-status</c> of a gRPC call; null without one.</summary>
    public int? GrpcStatus { get; set; }

    /// <summary>Who called whom, for metrics; null when that is not known.</summary>
    public Traffic? Traffic { get; set; }

    /// <summary>Makes this the summary of another request.</summary>
    public void Reset()
    {
        (ResponseHeaders, Protocol, StartTime, Duration) = (null, "HTTP/1.1", default, default);
        (Status, Flags, Details, TerminationDetails, TransportFailure) = (0, ResponseFlags.None, null, null, null);
        (BytesReceived, BytesSent, WireBytesReceived, WireBytesSent) = (0, 0, 0, 0);
        (UpstreamHost, UpstreamCluster, UpstreamLocalAddress) = (null, null, null);
        (DownstreamLocalAddress, DownstreamRemoteAddress) = (null, null);
        (RouteName, Attempts, IsGrpc, GrpcStatus, Traffic) = (null, 0, false, null, null);
    }
}
