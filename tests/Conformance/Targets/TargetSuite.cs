using System.Diagnostics;
using System.Text;
using Conformance.Cases;
using Conformance.Upstreams;
using Gateway.Tests.Support;

namespace Conformance.Targets;

/// <summary>Runs the cases against a gateway elsewhere, in real time, one after the other.</summary>
internal static class TargetSuite
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>Runs them; one line for each case, and the numbers at the end.</summary>
    /// <returns>0 when all that could be run hold, else 1.</returns>
    public static async Task<int> RunAsync(TargetOptions options, TextWriter output, CancellationToken cancellation)
    {
        var (held, failed, skipped) = (0, 0, 0);
        var gateway = new TargetGateway(options, cancellation);
        foreach (var @case in CaseFiles.ReadAll(options.Filter))
        {
            if (TargetVisibility.WhyNot(@case, options) is { } reason)
            {
                skipped++;
                await output.WriteLineAsync($"skip {@case}: {reason}");
                continue;
            }

            try
            {
                await RunAsync(@case, options, gateway);
                held++;
                await output.WriteLineAsync($"ok   {@case}");
            }
            catch (Exception exception) when (exception is CaseFailedException or IOException)
            {
                failed++;
                await output.WriteLineAsync($"FAIL {@case}: {exception.Message}");
            }
        }

        await gateway.DeleteAsync();
        await output.WriteLineAsync($"{held} hold, {failed} fail, {skipped} skipped");
        return failed == 0 ? 0 : 1;
    }

    private static async Task RunAsync(ConformanceCase @case, TargetOptions options, TargetGateway gateway)
    {
        var names = @case.EndpointNames.ToArray();
        var fixture = CaseDocuments.Fixture(@case, options.Endpoints.Host, names.Zip(options.Endpoints.Ports).ToDictionary(pair => pair.First, pair => pair.Second));

        await gateway.CleanAsync(fixture);
        await gateway.ApplyAsync(fixture + CaseDocuments.Write(@case));
        var run = new TargetScript(Guid.NewGuid().ToString(), 0, names, names.ToDictionary(name => name, @case.ScriptOf));
        foreach (var (index, step) in @case.Steps.Index())
        {
            try
            {
                await RunAsync(step, run with { Step = index + 1 }, gateway, fixture);
            }
            catch (Exception exception) when (exception is CaseFailedException or IOException)
            {
                throw new CaseFailedException($"step {index + 1}{(step.Send is null ? "" : $" ({step.Send})")}: {exception.Message}", exception);
            }
        }
    }

    private static async Task RunAsync(Step step, TargetScript script, TargetGateway gateway, string fixture)
    {
        if (step.Advance is { } advance)
        {
            await Task.Delay(Match.Span(advance), gateway.Cancellation);
        }

        if (step.Replace is { } replace)
        {
            await gateway.ApplyAsync(fixture + CaseDocuments.Write(replace));
        }

        if (step.Send is null)
        {
            return;
        }

        var results = new List<Result>();
        for (var sent = 0; sent < step.Repeat; sent += step.Parallel)
        {
            var numbers = Enumerable.Range(sent, Math.Min(step.Parallel, step.Repeat - sent));
            results.AddRange(await Task.WhenAll(numbers.Select(number => ExchangeAsync(step, number, script, gateway)).ToList()));
        }

        new ResultCheck(step.Expect, results, Seen(results)) { Tolerance = Tolerance }.Run();
    }

    private static async Task<Result> ExchangeAsync(Step step, int number, TargetScript script, TargetGateway gateway)
    {
        var withScript = step with { Headers = new(step.Headers) { [TargetScript.Header] = script.ToString() } };
        var started = Stopwatch.GetTimestamp();
        try
        {
            var response = await gateway.SendAsync(CaseRun.Write(withScript, number, null));
            return new Result(response, Stopwatch.GetElapsedTime(started), null);
        }
        catch (IOException) when (step.Expect.Status == "broken")
        {
            return new Result(new RawResponse(0, "", ""), Stopwatch.GetElapsedTime(started), null);
        }
    }

    /// <summary>
    /// What the endpoints say they have seen, in the response that counts most of it; null when a response does not say it, which is the
    /// gateway's own and may hide requests.
    /// </summary>
    private static List<SeenRequest>? Seen(List<Result> results)
    {
        var counts = results.Select(result => result.Response.Header(TargetScript.SeenHeader)).ToList();
        var head = results.Select(result => result.Response.Header(TargetScript.RequestHeader)).LastOrDefault();
        if (counts.Contains(null) || head is null)
        {
            return null;
        }

        var request = Read(Encoding.Latin1.GetString(Convert.FromBase64String(head)));
        var all = counts.Select(Parse!).MaxBy(count => count.Sum(endpoint => endpoint.Count))!;
        return [.. all.SelectMany(endpoint => Enumerable.Repeat(new SeenRequest(endpoint.Name, request, endpoint.Name), endpoint.Count))];
    }

    private static List<(string Name, int Count)> Parse(string counts) =>
        [.. counts.Split(',').Select(count => count.Split('=')).Select(parts => (parts[0], int.Parse(parts[1], null)))];

    private static RawRequest Read(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var line = text[..text.IndexOf("\r\n", StringComparison.Ordinal)].Split(' ');
        return new RawRequest(line[0], line[1], text[..(end + 2)], Encoding.Latin1.GetBytes(text[(end + 4)..]));
    }
}
