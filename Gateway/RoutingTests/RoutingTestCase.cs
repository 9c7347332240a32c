using System.Collections.Immutable;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.RoutingTests;

/// <summary>A test of routes, written as data: requests, and what the rule that takes them must say.</summary>
/// <remarks>The format is that of https://github.com/getyourguide/istio-config-validator (docs/test-cases.md).</remarks>
/// <param name="Description">What is tested.</param>
/// <param name="WantMatch">Whether what is expected must be the case, or must not be.</param>
/// <param name="Requests">The requests: all combinations of paths, authorities and methods.</param>
/// <param name="Location">Where it is written.</param>
internal sealed record RoutingTestCase(string Description, bool WantMatch, ImmutableArray<TestedRequest> Requests, SourceLocation Location)
{
    /// <summary>
    /// What is expected: the members <c>route</c>, <c>redirect</c>, <c>rewrite</c>, <c>fault</c>, <c>headers</c> and <c>delegate</c> of a
    /// rule. What is absent is not looked at.
    /// </summary>
    public required HTTPRoute Expected { get; init; }
}

/// <summary>A request of a test.</summary>
/// <param name="Authority">The Host header.</param>
/// <param name="Method">The method.</param>
/// <param name="Uri">The path, and perhaps a query.</param>
/// <param name="Headers">The other headers.</param>
internal sealed record TestedRequest(string Authority, string Method, string Uri, ImmutableArray<KeyValuePair<string, string>> Headers)
{
    public override string ToString() =>
        $"{Method} {Authority}{Uri}{string.Concat(Headers.Select(header => $" {header.Key}: {header.Value}"))}";
}
