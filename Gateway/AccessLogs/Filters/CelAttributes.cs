using System.Collections.Frozen;
using System.Net;
using Gateway.Requests;

namespace Gateway.AccessLogs.Filters;

/// <summary>A compiled part of an expression.</summary>
internal delegate CelValue CelNode(RequestSummary summary);

/// <summary>The attributes of a request that expressions may use.</summary>
/// <remarks>
/// https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes,
/// Envoy source/extensions/filters/common/expr/context.cc
/// </remarks>
internal static class CelAttributes
{
    private static readonly FrozenDictionary<string, CelNode> All = new Dictionary<string, CelNode>(StringComparer.Ordinal)
    {
        ["request.path"] = static summary => CelValue.Of(RequestHeader.Find(summary.Request, ":path")),
        ["request.url_path"] = static summary => CelValue.Of(summary.Request.Path),
        ["request.query"] = static summary => CelValue.Of(summary.Request.Query.Length == 0 ? "" : summary.Request.Query[1..]),
        ["request.host"] = static summary => CelValue.Of(summary.Request.Authority),
        ["request.scheme"] = static summary => CelValue.Of(summary.Request.Scheme),
        ["request.method"] = static summary => CelValue.Of(summary.Request.Method),
        ["request.headers"] = static summary => CelValue.Of(summary.Request.Headers),
        ["request.referer"] = static summary => CelValue.Of(RequestHeader.Find(summary.Request, "referer")),
        ["request.useragent"] = static summary => CelValue.Of(RequestHeader.Find(summary.Request, "user-agent")),
        ["request.id"] = static summary => CelValue.Of(RequestHeader.Find(summary.Request, "x-request-id")),
        ["request.protocol"] = static summary => CelValue.Of(summary.Protocol),
        ["request.duration"] = static summary => CelValue.Of(summary.Duration),
        ["request.size"] = static summary => CelValue.Of(summary.BytesReceived),
        ["request.total_size"] = static summary => CelValue.Of(summary.WireBytesReceived),
        ["response.code"] = static summary => summary.Status == 0 ? CelValue.Error : CelValue.Of(summary.Status),
        ["response.code_details"] = static summary => CelValue.Of(summary.Details),
        ["response.flags"] = static summary => CelValue.Of(summary.Flags.ToBits()),
        ["response.grpc_status"] = static summary => summary.GrpcStatus is { } status ? CelValue.Of(status) : CelValue.Error,
        ["response.headers"] = static summary => CelValue.Of(summary.ResponseHeaders),
        ["response.size"] = static summary => CelValue.Of(summary.BytesSent),
        ["response.total_size"] = static summary => CelValue.Of(summary.WireBytesSent),
        ["source.address"] = static summary => Address(summary.DownstreamRemoteAddress),
        ["source.port"] = static summary => Port(summary.DownstreamRemoteAddress),
        ["destination.address"] = static summary => Address(summary.DownstreamLocalAddress),
        ["destination.port"] = static summary => Port(summary.DownstreamLocalAddress),
        ["connection.mtls"] = static _ => CelValue.Of(false),
        ["connection.requested_server_name"] = static summary => CelValue.Of(summary.Request.ServerName ?? ""),
        ["connection.termination_details"] = static summary => CelValue.Of(summary.TerminationDetails),
        ["upstream.address"] = static summary => CelValue.Of(summary.UpstreamHost),
        ["upstream.local_address"] = static summary => Address(summary.UpstreamLocalAddress),
        ["upstream.transport_failure_reason"] = static summary => CelValue.Of(summary.TransportFailure),
        ["upstream.request_attempt_count"] = static summary => CelValue.Of(summary.Attempts),
        ["xds.cluster_name"] = static summary => CelValue.Of(summary.UpstreamCluster),
        ["xds.route_name"] = static summary => CelValue.Of(summary.RouteName ?? ""),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The attribute of a name such as <c>response.code</c>; null for none.</summary>
    public static CelNode? Find(string name) => All.GetValueOrDefault(name);

    private static CelValue Address(IPEndPoint? endpoint) => CelValue.Of(endpoint?.ToString());

    private static CelValue Port(IPEndPoint? endpoint) => endpoint is null ? CelValue.Error : CelValue.Of(endpoint.Port);
}
