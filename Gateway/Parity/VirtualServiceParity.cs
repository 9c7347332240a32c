using Istio.Networking;

namespace Gateway.Parity;

/// <summary>VirtualService.</summary>
internal static class VirtualServiceParity
{
    public static MessageParity[] Messages { get; } =
    [
        new(typeof(VirtualService)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(VirtualServiceSpec))
        {
            Executed = ["hosts", "gateways", "http", "exportTo"],
            Validated = { ["tls"] = ParityTable.Tcp, ["tcp"] = ParityTable.Tcp },
        },
        new(typeof(HTTPRoute))
        {
            Executed =
            [
                "match", "route", "redirect", "directResponse", "delegate", "rewrite", "timeout", "retries", "fault", "mirror", "mirrors",
                "mirrorPercent", "mirror_percent", "mirrorPercentage", "corsPolicy", "headers",
            ],
            Tested = { ["name"] = "IstioDoor/AccessLogTests" },
        },
        new(typeof(DelegateReference)) { Executed = ["name", "namespace"] },
        new(typeof(HTTPMatchRequest))
        {
            Executed =
            [
                "uri", "scheme", "method", "authority", "headers", "withoutHeaders", "queryParams", "ignoreUriCase", "port",
                "sourceLabels",
                "sourceNamespace", "gateways",
            ],
            Tested = { ["name"] = "Routing/GatewayTests" },
            Published = { ["statPrefix"] = "Envoy's own counters of a route are not kept" },
        },
        new(typeof(StringMatch)) { Executed = ["exact", "prefix", "regex"] },
        new(typeof(HTTPRouteDestination)) { Executed = ["destination", "weight", "headers"] },
        new(typeof(Destination)) { Executed = ["host", "subset", "port"] },
        new(typeof(PortSelector)) { Executed = ["number"] },
        new(typeof(HTTPRewrite)) { Executed = ["uri", "authority", "uriRegexRewrite"] },
        new(typeof(RegexRewrite)) { Executed = ["match", "rewrite"] },
        new(typeof(HTTPRedirect)) { Executed = ["uri", "prefixRewrite", "authority", "port", "derivePort", "scheme", "redirectCode"] },
        new(typeof(HTTPDirectResponse)) { Executed = ["status", "body"] },
        new(typeof(HTTPBody)) { Executed = ["string", "bytes"] },
        new(typeof(HTTPRetry))
        {
            Executed = ["attempts", "perTryTimeout", "retryOn", "retryIgnorePreviousHosts", "backoff"],
            Validated = { ["retryRemoteLocalities"] = ParityTable.Locality },
        },
        new(typeof(CorsPolicy))
        {
            Executed =
            [
                "allowOrigin", "allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge", "allowCredentials",
                "unmatchedPreflights",
            ],
        },
        new(typeof(HTTPFaultInjection)) { Executed = ["delay", "abort"] },
        new(typeof(Delay))
        {
            Executed = ["percent", "fixedDelay", "percentage"],
            Validated = { ["exponentialDelay"] = "Istio refuses it" },
        },
        new(typeof(Abort))
        {
            Executed = ["httpStatus", "grpcStatus", "percentage"],
            Validated = { ["http2Error"] = "Istio refuses it" },
        },
        new(typeof(Percent)) { Executed = ["value"] },
        new(typeof(HTTPMirrorPolicy)) { Executed = ["destination", "percentage"] },
        new(typeof(Headers)) { Executed = ["request", "response"] },
        new(typeof(HeaderOperations)) { Executed = ["set", "add", "remove"] },
    ];
}
