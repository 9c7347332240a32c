using Conformance.Cases;

namespace Conformance.Targets;

/// <summary>Which cases can be run from outside, in real time.</summary>
internal static class TargetVisibility
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

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
            _ when names > options.Ports.Length => $"it needs {names} endpoints",
            _ when documents.Contains("${port:", StringComparison.Ordinal) => "it names a port of this machine",
            _ when documents.Contains("IstioOperator", StringComparison.Ordinal) || documents.Contains("\"ConfigMap\"", StringComparison.Ordinal) =>
                "it changes the configuration of the mesh",
            _ when documents.Contains("gateway.networking.k8s.io", StringComparison.Ordinal) => "it needs a gateway of its own, of the Gateway API",
            _ when documents.Contains("\"GATEWAY\"", StringComparison.Ordinal) => "asking whether the documents are in force would take a token",
            _ when !options.Target.IsLoopback && NamesAddress(@case, documents) => "it names the client's address on one machine",
            _ => @case.Steps.Select(WhyNot).FirstOrDefault(reason => reason is not null),
        };
    }

    private static string? WhyNot(Step step) => step switch
    {
        { Tls: not null } => "it needs the gateway's TLS port",
        { Down: not null } or { Up: not null } or { Full: not null } or { Join: not null } or { Leave: not null } => "endpoints come and go",
        { Meanwhile: not null } => "documents change while a request is under way",
        { Advance: { } time } when Match.Span(time) > Patience => $"{time} would have to pass",
        { Expect.Took: { } took } when Match.Span(took.Split("..")[^1]) > Patience => $"a request takes {took}",
        { Expect.NewConnections.Count: > 0 } or { Expect.Connections.Count: > 0 } => "connections are not seen from outside",
        { Expect.Delayed: not null } => "it counts what takes no time at all",
        _ => null,
    };

    private static bool NamesAddress(ConformanceCase @case, string documents) =>
        documents.Contains("127.0.0.", StringComparison.Ordinal)
        || @case.Steps.Exists(step => step.Expect.Upstream.Values.Any(value => value?.Contains("127.0.0.1", StringComparison.Ordinal) == true));
}
