using Istio.Extensions;
using Istio.Networking;
using Istio.Telemetry;

namespace Gateway.Parity;

/// <summary>EnvoyFilter, Telemetry, WasmPlugin, TrafficExtension.</summary>
internal static class ExtensionParity
{
    private const string LogTests = "AccessLogs/AccessLogRulesTests";
    private const string LimitTests = "Policies/RateLimitTests";
    private const string NotMatched = "a patch that is placed by it is not executed, and a finding says so";
    private const string Code = "no code of Envoy's extensions runs here";
    private const string Version = "there is one proxy here, which has no version of Envoy";

    public static MessageParity[] Messages { get; } =
    [
        new(typeof(EnvoyFilter)) { Executed = ["metadata", "spec"], Published = { ["status"] = ParityTable.Status } },
        new(typeof(EnvoyFilterSpec))
        {
            Executed = ["workloadSelector", "targetRefs", "configPatches"],
            Tested = { ["priority"] = LimitTests },
        },
        new(typeof(EnvoyConfigObjectPatch)) { Executed = ["applyTo", "match", "patch"] },
        new(typeof(Patch))
        {
            Executed = ["operation", "value"],
            Validated = { ["filterClass"] = "a local rate limit stands where Istio puts filters without a class" },
        },
        new(typeof(EnvoyConfigObjectMatch))
        {
            Executed = ["context"],
            Tested = { ["listener"] = LimitTests, ["routeConfiguration"] = LimitTests },
            Validated = { ["proxy"] = Version, ["waypoint"] = "there are no waypoints here" },
            Published = { ["cluster"] = "no patch of a cluster is executed" },
        },
        new(typeof(ListenerMatch))
        {
            Tested = { ["portNumber"] = LimitTests, ["filterChain"] = LimitTests },
            Validated = { ["portName"] = "Istio does not act on it", ["name"] = NotMatched },
            Published = { ["listenerFilter"] = NotMatched },
        },
        new(typeof(FilterChainMatch))
        {
            Tested = { ["filter"] = LimitTests, ["destinationPort"] = LimitTests },
            Validated =
            {
                ["name"] = NotMatched, ["sni"] = NotMatched, ["transportProtocol"] = NotMatched, ["applicationProtocols"] = NotMatched,
            },
            Published = { ["transportSocket"] = NotMatched },
        },
        new(typeof(FilterMatch)) { Tested = { ["name"] = LimitTests, ["subFilter"] = LimitTests } },
        new(typeof(SubFilterMatch)) { Tested = { ["name"] = LimitTests } },
        new(typeof(RouteConfigurationMatch))
        {
            Tested = { ["portNumber"] = LimitTests, ["vhost"] = LimitTests },
            Validated = { ["portName"] = NotMatched, ["gateway"] = NotMatched, ["name"] = NotMatched },
        },
        new(typeof(VirtualHostMatch))
        {
            Tested = { ["name"] = LimitTests, ["route"] = LimitTests },
            Validated = { ["domainName"] = NotMatched },
        },
        new(typeof(RouteMatch))
        {
            Tested = { ["name"] = LimitTests },
            Published = { ["action"] = "only the name of a route is compared" },
        },
        new(typeof(Telemetry))
        {
            Tested = { ["metadata"] = LogTests, ["spec"] = LogTests },
            Published = { ["status"] = ParityTable.Status },
        },
        new(typeof(TelemetrySpec))
        {
            Tested = { ["selector"] = LogTests, ["targetRef"] = LogTests, ["targetRefs"] = LogTests, ["accessLogging"] = LogTests },
            Validated =
            {
                ["tracing"] = "spans go where OTEL_EXPORTER_OTLP_ENDPOINT says",
                ["metrics"] = "the admin address has Istio's standard metrics, as they are",
            },
        },
        new(typeof(AccessLogging))
        {
            Tested = { ["match"] = LogTests, ["providers"] = LogTests, ["disabled"] = LogTests, ["filter"] = LogTests },
        },
        new(typeof(LogSelector)) { Tested = { ["mode"] = LogTests } },
        new(typeof(ProviderRef)) { Tested = { ["name"] = LogTests } },
        new(typeof(LogFilter)) { Tested = { ["expression"] = LogTests } },
        new(typeof(WasmPlugin))
        {
            Validated = { ["spec"] = Code, ["metadata"] = ParityTable.Whose },
            Published = { ["status"] = ParityTable.Status },
        },
        new(typeof(TrafficExtension))
        {
            Validated = { ["spec"] = Code, ["metadata"] = ParityTable.Whose },
            Published = { ["status"] = ParityTable.Status },
        },
    ];
}
