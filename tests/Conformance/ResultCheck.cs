using System.Globalization;
using Conformance.Cases;
using Conformance.Upstreams;
using Gateway.Tests.Support;

namespace Conformance;

/// <summary>What came of one request.</summary>
/// <param name="Response">The response; status 0 when the connection ended before it did.</param>
/// <param name="Took">Time from sending to the end of the response.</param>
/// <param name="Flags">Envoy's response flags; null when they cannot be seen.</param>
internal sealed record Result(RawResponse Response, TimeSpan Took, string? Flags);

/// <summary>Holds the results of a step against what the table says.</summary>
/// <param name="expect">What the table says.</param>
/// <param name="results">What came of the requests.</param>
/// <param name="seen">What the endpoints have seen; null when that cannot be seen.</param>
internal sealed class ResultCheck(Expectation expect, IReadOnlyList<Result> results, IReadOnlyList<SeenRequest>? seen)
{
    /// <summary>How much longer something may take than it must; zero in virtual time.</summary>
    public TimeSpan Tolerance { get; init; }

    /// <summary>Checks.</summary>
    /// <exception cref="CaseFailedException">Something is otherwise.</exception>
    public void Run()
    {
        foreach (var result in results)
        {
            CheckResponse(expect, result);
            if (expect.Responses.GetValueOrDefault(StatusOf(result.Response)) is { } ofStatus)
            {
                CheckResponse(ofStatus, result);
            }
        }

        foreach (var (status, count) in expect.Statuses)
        {
            var statuses = results.Select(result => StatusOf(result.Response)).ToList();
            Check(Match.Count(count, statuses.Count(one => one == status)), $"responses {status}", count, Counts(statuses));
        }

        if (expect.Delayed is { } delayed)
        {
            var count = results.Count(result => result.Took > TimeSpan.Zero);
            Check(Match.Count(delayed, count), "responses that took time", delayed, Text(count));
        }

        if (expect.Distinct is { } distinct)
        {
            var bodies = results.Select(result => result.Response.Body.Trim()).ToList();
            Check(Match.Count(distinct, bodies.Distinct().Count()), "different bodies", distinct, Counts(bodies));
        }

        if (seen is not null)
        {
            CheckRequest(seen);
            CheckCounts(seen);
        }
    }

    /// <summary>Whether as many requests have been seen as the table asks for at least.</summary>
    public static bool Suffices(Expectation expect, IReadOnlyList<SeenRequest> seen) =>
        expect.Endpoints.All(endpoint => seen.Count(one => one.Endpoint == endpoint.Key) >= Match.AtLeast(endpoint.Value))
        && seen.Count >= Match.AtLeast(expect.Attempts ?? "0");

    private void CheckResponse(Expectation expect, Result result)
    {
        var response = result.Response;
        if (expect.Status is { } status)
        {
            var actual = StatusOf(response);
            Check(Match.OneOf(status, actual), "status", status, $"{actual}, flags: {result.Flags}, body: {response.Body}");
        }

        if (expect.Body is { } body)
        {
            Check(Match.Text(body, response.Body), "body", body, response.Body);
        }

        if (expect.BodySize is { } size)
        {
            Check(Match.Count(size, response.Body.Length), "body's length", size, Text(response.Body.Length));
        }

        foreach (var (name, value) in expect.Headers)
        {
            CheckText($"header {name}", value, HeaderOf("\r\n" + response.Head, name));
        }

        foreach (var (name, value) in expect.Trailers)
        {
            CheckText($"trailer {name}", value, HeaderOf("\r\n" + response.Trailers, name));
        }

        if (expect.Interim is { } interim)
        {
            CheckInterim(interim, response.Interim);
        }

        if (expect.Flags is { } flags && result.Flags is not null)
        {
            Check(flags == result.Flags, "flags", flags, result.Flags);
        }

        if (expect.Took is { } took)
        {
            Check(Match.Time(took, result.Took, Tolerance), "time", took, $"{result.Took.TotalMilliseconds} ms");
        }
    }

    private static void CheckInterim(List<Expectation> expected, IReadOnlyList<RawResponse> actual)
    {
        Check(expected.Count == actual.Count, "interim responses", Text(expected.Count), Text(actual.Count));
        foreach (var (expect, response) in expected.Zip(actual))
        {
            Check(expect.Status == StatusOf(response), "status of an interim response", expect.Status ?? "", StatusOf(response));
            foreach (var (name, value) in expect.Headers)
            {
                CheckText($"header {name} of an interim response", value, HeaderOf("\r\n" + response.Head, name));
            }
        }
    }

    private void CheckRequest(IReadOnlyList<SeenRequest> all)
    {
        if (expect.Upstream.Count > 0)
        {
            CheckRequest("the upstream", expect.Upstream, all);
        }

        foreach (var (endpoint, request) in expect.At)
        {
            CheckRequest(endpoint, request, [.. all.Where(one => one.Endpoint == endpoint)]);
        }
    }

    private static void CheckRequest(string endpoint, Dictionary<string, string?> expected, IReadOnlyList<SeenRequest> all)
    {
        Check(all.Count > 0, $"request at {endpoint}", "one", "none");
        var last = all[^1].Request;
        foreach (var (name, value) in expected)
        {
            CheckText($"{name} at {endpoint}", value, name switch
            {
                ":method" => last.Method,
                ":path" => last.Target,
                ":body" => last.BodyText,
                ":trailers" => last.Trailers.Trim(),
                _ => HeaderOf("\r\n" + last.Head, name),
            });
        }
    }

    private void CheckCounts(IReadOnlyList<SeenRequest> all)
    {
        var endpoints = all.Select(one => one.Endpoint).ToList();
        foreach (var (name, count) in expect.Endpoints)
        {
            Check(Match.Count(count, endpoints.Count(one => one == name)), $"requests at {name}", count, Counts(endpoints));
        }

        foreach (var (name, count) in expect.Connections)
        {
            CheckConnections($"connections of {name}", count, all.Where(one => one.Endpoint == name));
        }

        foreach (var (name, count) in expect.NewConnections)
        {
            CheckConnections($"new connections of {name}", count, all.Where(one => one.Endpoint == name && !one.IsConnectionOld));
        }

        if (expect.Attempts is { } attempts)
        {
            Check(Match.Count(attempts, all.Count), "requests at all endpoints", attempts, $"{all.Count} ({Counts(endpoints)})");
        }
    }

    private static void CheckConnections(string what, string count, IEnumerable<SeenRequest> requests)
    {
        var actual = requests.Select(request => request.Connection).Distinct().Count();
        Check(Match.Count(count, actual), what, count, Text(actual));
    }

    /// <summary>All lines of a header, joined by a comma and a space; null without any.</summary>
    private static string? HeaderOf(string head, string name)
    {
        var values = head.Split("\r\n").Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim()).ToList();
        return values.Count == 0 ? null : string.Join(", ", values);
    }

    private static string Counts(IEnumerable<string> values) => string.Join(
        ", ", values.GroupBy(value => value).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Key}: {group.Count()}"));

    private static string StatusOf(RawResponse response) => response.Status == 0 ? "broken" : Text(response.Status);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void CheckText(string what, string? expected, string? actual) =>
        Check(Match.Text(expected, actual), what, expected ?? "(absent)", actual ?? "(absent)");

    private static void Check(bool holds, string what, string expected, string actual)
    {
        if (!holds)
        {
            throw new CaseFailedException($"{what}: expected {expected}, got {actual}");
        }
    }
}
