using System.Net;
using Gateway.AccessLogs;
using Gateway.Clusters;
using Gateway.Metrics;
using Gateway.Requests;

namespace Gateway.Proxy;

/// <summary>Tells access log, metrics and trace of every request that is over.</summary>
internal sealed class RequestObserver(AccessLog log, IstioMetrics istio, ClusterMetrics clusters, TimeProvider time)
{
    /// <summary>Records a request.</summary>
    public void Record(ProxyRequest request)
    {
        var summary = request.Summary;
        Fill(request, summary);
        UpstreamSpan.Tell(request);
        istio.Record(summary);
        TellMessages(request, summary.Traffic);
        RecordArrival(request);
        clusters.Record(summary);
        if (request.Chain.AccessLog.Logs(summary))
        {
            log.Write(summary);
        }

        summary.Reset();
    }

    /// <summary>Records an attempt as the proxy of its workload does, when it is over.</summary>
    public void RecordArrival(ProxyRequest request)
    {
        var arrival = request.Arrival;
        if (ArrivingTraffic(request) is not { } traffic)
        {
            return;
        }

        TellMessages(request, traffic);

        istio.Record(traffic, arrival.Status, request.GrpcStatus, request.IsGrpc, arrival.Flags, new Measures(
            request.Body.Received, request.Time.GetElapsedTime(arrival.At), request.BytesSent));
        arrival.Reset();
    }

    /// <summary>The response of a call has begun, and with it the last attempt has been made: its messages count as they pass.</summary>
    public void BeginMessages(ProxyRequest request) => request.Messages?.GoLive(
        istio.MessagesOf(CallingTraffic(request)), ArrivingTraffic(request) is { } traffic ? istio.MessagesOf(traffic) : null);

    private void TellMessages(ProxyRequest request, Traffic? traffic)
    {
        if (request.Messages is { IsLive: false } messages)
        {
            messages.TellAll(istio.MessagesOf(traffic));
        }
    }

    private static Traffic? CallingTraffic(ProxyRequest request) =>
        request.Chain.Traffic.Of(request.Cluster, request.Host, request.Head.Authority);

    private static Traffic? ArrivingTraffic(ProxyRequest request) =>
        request.Arrival.At == 0 ? null : request.Chain.Traffic.Arriving(request.Cluster!, request.Host!);

    private void Fill(ProxyRequest request, RequestSummary summary)
    {
        var response = request.Response;
        var isGone = (request.Flags & ResponseFlags.DC) != 0 && !response.HasStarted;
        summary.Request = request.Head;
        summary.Protocol = request.Received.Protocol;
        summary.Duration = request.Elapsed;
        summary.Status = isGone ? 0 : response.StatusCode;
        summary.ResponseHeaders = isGone ? null : response.Headers;
        summary.Flags = request.Flags;
        summary.Details = request.Details;
        summary.TransportFailure = request.TransportFailure.Length == 0 ? null : request.TransportFailure;
        summary.BytesReceived = summary.WireBytesReceived = request.Body.Received;
        summary.BytesSent = summary.WireBytesSent = request.BytesSent;
        summary.Attempts = request.Attempts;
        summary.IsGrpc = request.IsGrpc;
        summary.GrpcStatus = request.GrpcStatus;
        summary.RouteName = request.Match.Route?.Name;
        summary.UpstreamHost = request.Host?.Endpoint.Authority;
        summary.UpstreamCluster = request.Cluster?.Name;
        summary.UpstreamLocalAddress = request.UpstreamLocalAddress;
        summary.Traffic = CallingTraffic(request);
        if (request.Chain.AccessLog.IsEnabled)
        {
            // Only the log asks for these.
            summary.StartTime = time.GetUtcNow() - summary.Duration;
            var connection = request.Connection;
            summary.DownstreamLocalAddress = EndPointOf(connection.LocalIpAddress, connection.LocalPort);
            summary.DownstreamRemoteAddress = EndPointOf(connection.RemoteIpAddress, connection.RemotePort);
        }
    }

    private static IPEndPoint? EndPointOf(IPAddress? address, int port) => address is null ? null : new IPEndPoint(address, port);
}
