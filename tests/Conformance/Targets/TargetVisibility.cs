using Conformance.Cases;

namespace Conformance.Targets;

/// <summary>Which cases can be run from outside, in real time.</summary>
internal static class TargetVisibility
{
    /// <summary>The kinds that act in proxies.</summary>
    public static readonly string[] Policies = ["AuthorizationPolicy", "RequestAuthentication", "EnvoyFilter"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Why a case cannot be run; null when it can.</summary>
    public static string? WhyNot(ConformanceCase @case, TargetOptions options)
    {
        var documents = CaseDocuments.Write(@case);
        var names = @case.EndpointNames.Count();
        return @case switch
        {
            { Door: not "istio" } => $"it is about the door {@case.Door}",
            { Refused: not null } => "whether documents are refused is seen when they are applied",
            { Protocol: not "http" } => "the endpoints speak HTTP/1.1 only",
            { Late.Count: > 0 } => "endpoints come and go",
            _ when @case.EndpointNames.SelectMany(@case.ScriptOf).Any(reply => reply.Interim.Count > 0) => "interim responses are not read",
            _ when names > options.Endpoints.Ports.Count => $"it needs {names} endpoints",
            _ when documents.Contains("${port:", StringComparison.Ordinal) => "it names a port of this machine",
            _ when documents.Contains("\"mirror", StringComparison.Ordinal) => "what a mirror sees is in no response",
            _ when documents.Contains("IstioOperator", StringComparison.Ordinal) || documents.Contains("\"ConfigMap\"", StringComparison.Ordinal) =>
                "it changes the configuration of the mesh",
            _ when documents.Contains("gateway.networking.k8s.io", StringComparison.Ordinal) => "it needs a gateway of its own, of the Gateway API",
            _ when documents.Contains("\"GATEWAY\"", StringComparison.Ordinal) => "asking whether the documents are in force would take a token",
            _ when options.IsCluster && NamesAddress(@case, documents) => "it names the client's address on one machine",
            _ when options.IsCluster && IsInbound(@case) => "it needs a sidecar at the endpoints",
            _ when Duration(@case) is var time && time > Patience => $"{time.TotalSeconds:0} s would have to pass",
            _ => @case.Steps.Select(WhyNot).FirstOrDefault(reason => reason is not null),
        };
    }

    private static string? WhyNot(Step step) => step switch
    {
        { Tls: not null } => "it needs the gateway's TLS port",
        { Down: not null } or { Up: not null } or { Full: not null } or { Join: not null } or { Leave: not null } => "endpoints come and go",
        { Overlapping: true } => "requests overlap as only virtual time lets them",
        { Meanwhile: not null } => "documents change while a request is under way",
        { Expect.NewConnections.Count: > 0 } or { Expect.Connections.Count: > 0 } => "connections are not seen from outside",
        { Expect: var expect } when expect.Headers.GetValueOrDefault("x-envoy-upstream-service-time") is [>= '0' and <= '9', ..] =>
            "a time of the response is compared to the millisecond",
        { Expect.Metrics.Count: > 0 } => "metrics are not asked for from outside",
        { Expect.Delayed: not null } => "it counts what takes no time at all",
        _ => null,
    };

    /// <summary>How long a case takes that waits for its endpoints and between its steps.</summary>
    private static TimeSpan Duration(ConformanceCase @case)
    {
        var delay = @case.EndpointNames.SelectMany(@case.ScriptOf).Max(reply => Match.Span(reply.Delay));
        return @case.Steps.Aggregate(TimeSpan.Zero, (sum, step) => sum
            + (step.Advance is { } advance ? Match.Span(advance) : TimeSpan.Zero)
            + (step.Send is null ? TimeSpan.Zero : Longer(delay, Longest(step.Expect)) * (step.Repeat / (double)step.Parallel)));
    }

    private static TimeSpan Longest(Expectation expect) => Match.Span(expect.Took?.Split("..")[^1] ?? "0s");

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>Whether a policy is for the endpoints' own proxies: all are that are not the ingress gateway's.</summary>
    private static bool IsInbound(ConformanceCase @case) => @case.Resources.Exists(resource =>
    {
        var text = CaseDocuments.Write([resource]);
        return Policies.Any(kind => text.Contains($"\"{kind}\"", StringComparison.Ordinal))
            && !text.Contains("\"istio\": \"ingressgateway\"", StringComparison.Ordinal) && !text.Contains("\"targetRefs\"", StringComparison.Ordinal);
    });

    private static bool NamesAddress(ConformanceCase @case, string documents) =>
        documents.Contains("127.0.0.", StringComparison.Ordinal)
        || @case.Steps.Exists(step => step.Expect.Upstream.Values.Any(value => value?.Contains("127.0.0.1", StringComparison.Ordinal) == true));
}
