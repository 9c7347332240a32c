using System.Text;
using Conformance.Cases;
using Conformance.Time;
using Conformance.Upstreams;
using Gateway.Tests.Support;

namespace Conformance;

/// <summary>Runs one case on this machine: starts its endpoints and the gateway, takes the steps one after the other, compares.</summary>
internal sealed class CaseRun : IAsyncDisposable
{
    private readonly ConformanceCase _case;
    private readonly VirtualTime _time = new();
    private readonly SeenRequests _seen = new();
    private readonly Dictionary<string, ScriptedEndpoint> _endpoints;
    private readonly TimeDriver _driver;
    private IGateway _gateway = null!;

    private CaseRun(ConformanceCase @case)
    {
        _case = @case;
        _endpoints = @case.EndpointNames.ToDictionary(
            name => name, name => new ScriptedEndpoint(name, @case.ScriptOf(name), _time, _seen.Add));
        _driver = new TimeDriver(_time, _endpoints.Values);
    }

    /// <summary>Runs a case.</summary>
    /// <exception cref="CaseFailedException">It does not hold.</exception>
    public static async Task RunAsync(ConformanceCase @case, CancellationToken cancellation)
    {
        await using var run = new CaseRun(@case);
        var fixture = CaseDocuments.Fixture(
            @case, "127.0.0.1", run._endpoints.ToDictionary(endpoint => endpoint.Key, endpoint => endpoint.Value.Port));
        await using var gateway = await LocalGateway.StartAsync(@case, fixture, run._time, cancellation);
        run._gateway = gateway;
        foreach (var (index, step) in @case.Steps.Index())
        {
            try
            {
                await run.RunAsync(step);
            }
            catch (Exception exception) when (exception is TimeoutException or IOException or InvalidDataException or CaseFailedException)
            {
                throw new CaseFailedException($"step {index + 1}{(step.Send is null ? "" : $" ({step.Send})")}: {exception.Message}", exception);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints.Values)
        {
            await endpoint.DisposeAsync();
        }
    }

    /// <summary>The request of a step as bytes.</summary>
    public static string Write(Step step)
    {
        var text = new StringBuilder($"{step.Send} HTTP/1.1\r\n");
        if (!step.Headers.Keys.Contains("host", StringComparer.OrdinalIgnoreCase))
        {
            text.Append($"host: {step.Host}\r\n");
        }

        foreach (var (name, value) in step.Headers)
        {
            text.Append($"{name}: {value}\r\n");
        }

        if (step.Body.Length > 0)
        {
            text.Append($"content-length: {step.Body.Length}\r\n");
        }

        return text.Append($"\r\n{step.Body}").ToString();
    }

    private async Task RunAsync(Step step)
    {
        if (step.Send is not null)
        {
            await SendAsync(step);
        }

        if (step.Advance is { } advance)
        {
            _time.Advance(Match.Span(advance));
        }

        if (step.Replace is { } replace)
        {
            await _gateway.ApplyAsync(CaseDocuments.Write(replace));
        }

        if (step.Down is { } down)
        {
            await _endpoints[down].DownAsync();
        }

        if (step.Up is { } up)
        {
            _endpoints[up].Up();
        }
    }

    private async Task SendAsync(Step step)
    {
        _seen.Clear();
        var results = new List<Result>();
        for (var sent = 0; sent < step.Repeat; sent += step.Parallel)
        {
            var batch = Enumerable.Range(0, Math.Min(step.Parallel, step.Repeat - sent)).Select(_ => ExchangeAsync(step)).ToList();
            var responses = await _driver.RunAsync(Task.WhenAll(batch), step.Concurrency);
            var flags = _case.Door == "ingress" ? null : await _gateway.FlagsAsync(responses.Length);
            results.AddRange(responses.Select((response, index) => new Result(response.Response, response.Took, flags?[index])));
        }

        await _seen.WaitAsync(seen => ResultCheck.Suffices(step.Expect, seen));
        new ResultCheck(step.Expect, results, _seen.All).Run();
    }

    private async Task<(RawResponse Response, TimeSpan Took)> ExchangeAsync(Step step)
    {
        var started = _time.Elapsed;
        var response = await _driver.CountAsync(_gateway.SendAsync(_case.Door, Write(step)));
        return (response, _time.Elapsed - started);
    }
}
