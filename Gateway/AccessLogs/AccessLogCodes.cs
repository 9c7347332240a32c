using Istio.Documents;

namespace Gateway.AccessLogs;

/// <summary>What cannot be executed in Telemetry resources.</summary>
internal static class AccessLogCodes
{
    public static readonly FindingCode Provider = new(
        "GWY050", Severity.Warning, "Log provider does not exist here",
        "Providers are declared in the mesh configuration; locally there is only Istio's built-in one, envoy: the standard output.",
        "accessLogging: [{providers: [{name: otel}]}]", "Name the provider envoy to see the log locally.");

    public static readonly FindingCode Filter = new(
        "GWY059", Severity.Warning, "Log filter cannot be evaluated",
        "The expression is no CEL, or uses an attribute or function that the gateway does not have. A filter that fails logs nothing, as "
        + "in Envoy.", "filter: {expression: \"response.kode >= 400\"}", "Correct the expression.");
}
