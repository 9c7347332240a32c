using System.Collections.Immutable;
using Gateway.Routing;
using Gateway.Routing.VirtualServices;
using Istio.Documents;
using Istio.Networking;

namespace Gateway.RoutingTests;

/// <summary>A request of a test that did not go as expected.</summary>
/// <param name="Member">The member of the rule that is not as expected.</param>
/// <param name="WantMatch">Whether it had to be as expected, or had to be otherwise.</param>
/// <param name="Expected">What was expected, as YAML.</param>
/// <param name="Actual">What the rule says, as YAML.</param>
/// <param name="Rule">The rule that takes the request; empty when none does.</param>
internal sealed record RoutingTestFailure(string Member, bool WantMatch, string Expected, string Actual, string Rule);

/// <summary>What became of one request of a test.</summary>
/// <param name="Case">The test.</param>
/// <param name="Request">The request.</param>
/// <param name="Failures">What is not as expected; none when the test passed.</param>
internal sealed record RoutingTestResult(RoutingTestCase Case, TestedRequest Request, ImmutableArray<RoutingTestFailure> Failures);

/// <summary>Asks a mesh where requests go, and compares.</summary>
internal static class RoutingTestRunner
{
    private static readonly (string Name, Func<HTTPRoute, HTTPRoute> Only)[] Members =
    [
        ("delegate", rule => new HTTPRoute { Delegate = rule.Delegate }),
        ("route", rule => new HTTPRoute { Route = rule.Route }),
        ("rewrite", rule => new HTTPRoute { Rewrite = rule.Rewrite }),
        ("fault", rule => new HTTPRoute { Fault = rule.Fault }),
        ("headers", rule => new HTTPRoute { Headers = rule.Headers }),
        ("redirect", rule => new HTTPRoute { Redirect = rule.Redirect }),
    ];

    private static readonly HTTPRoute Nothing = new();

    /// <summary>Runs tests.</summary>
    public static IEnumerable<RoutingTestResult> Run(TestedMesh mesh, IEnumerable<RoutingTestCase> cases) =>
        from test in cases from request in test.Requests select Run(mesh, test, request);

    private static RoutingTestResult Run(TestedMesh mesh, RoutingTestCase test, TestedRequest request)
    {
        var route = mesh.Find(request);
        var space = route?.Source.Namespace ?? ResourceDocument.DefaultNamespace;
        var actual = Normalize((route?.Rule ?? Nothing) with { Delegate = route?.Delegate }, space);
        var expected = Normalize(test.Expected, space);
        var failures = ImmutableArray.CreateBuilder<RoutingTestFailure>();
        foreach (var (name, only) in Members.Where(member => member.Only(expected) != Nothing))
        {
            if (only(actual) == only(expected) != test.WantMatch)
            {
                var found = route is null ? "(404)" : Text(only(actual));
                failures.Add(new RoutingTestFailure(name, test.WantMatch, Text(only(expected)), found, route?.Source.ToString() ?? ""));
            }
        }

        return new RoutingTestResult(test, request, failures.ToImmutable());
    }

    /// <summary>Names in full and a weight of 0 left out, so that what means the same is the same.</summary>
    private static HTTPRoute Normalize(HTTPRoute rule, string space) => rule with
    {
        Route = rule.Route.IsEmpty ? default : [.. rule.Route.Select(destination => destination with
        {
            Weight = destination.Weight is 0 ? null : destination.Weight,
            Destination = destination.Destination is { } full
                ? full with { Host = VirtualServiceReader.ResolveHost(full.Host ?? "", space), Subset = NullIfEmpty(full.Subset) }
                : null,
        })],
        Redirect = rule.Redirect is { } redirect
            ? redirect with { RedirectCode = redirect.RedirectCode is 0 ? null : redirect.RedirectCode }
            : null,
        Delegate = rule.Delegate is { } reference ? reference with { Namespace = NullIfEmpty(reference.Namespace) } : null,
    };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>A member of a rule as YAML, without what surrounds it in a VirtualService.</summary>
    private static string Text(HTTPRoute rule)
    {
        if (rule == Nothing)
        {
            return "(nothing)";
        }

        var lines = ResourceWriter.Write(new VirtualService { Spec = new VirtualServiceSpec { Http = [rule] } }).TrimEnd().Split('\n');
        var start = Array.FindIndex(lines, line => line.TrimStart().StartsWith("- ", StringComparison.Ordinal));
        var indent = lines[start].IndexOf('-', StringComparison.Ordinal) + 2;
        return string.Join('\n', lines[start..].Select(line => line.Length > indent ? line[indent..] : line));
    }
}
