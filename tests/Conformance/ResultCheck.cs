using System.Globalization;
using Conformance.Cases;
using Gateway.Tests.Support;

namespace Conformance;

/// <summary>What came of one request.</summary>
/// <param name="Response">The response.</param>
/// <param name="Took">Virtual time from sending to the end of the response.</param>
/// <param name="Flags">Envoy's response flags.</param>
internal sealed record Result(RawResponse Response, TimeSpan Took, string Flags);

/// <summary>Holds the results of a step against what the table says.</summary>
internal sealed class ResultCheck(Expectation expect, IReadOnlyList<Result> results, IReadOnlyList<(string Endpoint, RawRequest Request)> seen)
{
    public void Run()
    {
        foreach (var result in results)
        {
            CheckResponse(result);
        }

        CheckUpstream();
        foreach (var (name, count) in expect.Endpoints)
        {
            Check(Match.Count(count, seen.Count(one => one.Endpoint == name)), $"requests at {name}", count, Counts(seen.Select(one => one.Endpoint)));
        }

        if (expect.Attempts is { } attempts)
        {
            Check(Match.Count(attempts, seen.Count), "requests at all endpoints", attempts, $"{seen.Count}");
        }

        foreach (var (status, count) in expect.Statuses)
        {
            var statuses = results.Select(result => Text(result.Response.Status)).ToList();
            Check(Match.Count(count, statuses.Count(one => one == status)), $"responses {status}", count, Counts(statuses));
        }
    }

    private void CheckResponse(Result result)
    {
        var response = result.Response;
        if (expect.Status is { } status)
        {
            Check(Match.OneOf(status, Text(response.Status)), "status", status, $"{response.Status}, body: {response.Body}");
        }

        if (expect.Body is { } body)
        {
            Check(Match.Text(body, response.Body), "body", body, response.Body);
        }

        foreach (var (name, value) in expect.Headers)
        {
            var actual = response.Header(name);
            Check(Match.Text(value, actual), $"header {name}", value ?? "(absent)", actual ?? "(absent)");
        }

        if (expect.Flags is { } flags)
        {
            Check(flags == result.Flags, "flags", flags, result.Flags);
        }

        if (expect.Took is { } took)
        {
            Check(Match.Time(took, result.Took), "time", took, $"{result.Took.TotalMilliseconds} ms");
        }
    }

    private void CheckUpstream()
    {
        if (expect.Upstream.Count == 0)
        {
            return;
        }

        Check(seen.Count > 0, "request at an endpoint", "one", "none");
        var last = seen[^1].Request;
        foreach (var (name, value) in expect.Upstream)
        {
            var actual = name switch
            {
                ":method" => last.Method,
                ":path" => last.Target,
                ":body" => last.BodyText,
                _ => last.Header(name),
            };
            Check(Match.Text(value, actual), $"upstream's {name}", value ?? "(absent)", actual ?? "(absent)");
        }
    }

    private static string Counts(IEnumerable<string> values) =>
        string.Join(", ", values.GroupBy(value => value).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Key}: {group.Count()}"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Check(bool holds, string what, string expected, string actual) =>
        Assert.True(holds, $"{what}: expected {expected}, got {actual}");
}
