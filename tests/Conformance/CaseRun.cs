using System.Collections.Concurrent;
using System.Text;
using Conformance.Cases;
using Conformance.Time;
using Conformance.Upstreams;
using Gateway.Tests.Support;

namespace Conformance;

/// <summary>Runs one case: starts its endpoints and the gateway, takes the steps one after the other, compares.</summary>
internal sealed class CaseRun : IAsyncDisposable
{
    /// <summary>How long anything may take in real time: a step that waits longer waits for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConformanceCase _case;
    private readonly VirtualTime _time;
    private readonly Dictionary<string, ScriptedEndpoint> _endpoints;
    private readonly ConcurrentQueue<(string Endpoint, RawRequest Request)> _seen = new();
    private IGateway? _gateway;

    public CaseRun(ConformanceCase @case, VirtualTime time)
    {
        (_case, _time) = (@case, time);
        _endpoints = Names().ToDictionary(name => name, name => new ScriptedEndpoint(name, Script(name), time, (endpoint, request) => _seen.Enqueue((endpoint, request))));
    }

    /// <summary>The endpoints and services of the case, as documents.</summary>
    public string Fixture => CaseDocuments.Fixture(
        Names().ToDictionary(name => name, name => _case.Endpoints.GetValueOrDefault(name) ?? []),
        _endpoints.ToDictionary(endpoint => endpoint.Key, endpoint => endpoint.Value.Port));

    public async Task RunAsync(IGateway gateway)
    {
        _gateway = gateway;
        for (var number = 0; number < _case.Steps.Count; number++)
        {
            try
            {
                await RunAsync(_case.Steps[number]);
            }
            catch (Exception exception) when (exception is TimeoutException or IOException or InvalidDataException)
            {
                Assert.Fail($"step {number + 1}: {exception.Message}");
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
            await _gateway!.ApplyAsync(CaseDocuments.Write(replace));
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
            results.AddRange(await DriveAsync(Task.WhenAll(batch)));
        }

        new ResultCheck(step.Expect, results, [.. _seen]).Run();
    }

    private async Task<Result> ExchangeAsync(Step step)
    {
        var started = _time.Elapsed;
        var response = await _gateway!.SendAsync(_case.Door, Write(step));
        return new Result(response, _time.Elapsed - started, step.Expect.Flags is null ? "" : await _gateway.FlagsAsync());
    }

    /// <summary>
    /// Moves the clock while a request is under way, and only when nothing else can move: somebody waits for a delay (a back-off, a fault, an
    /// endpoint that takes its time), and everything that the last timer has set going has come to such a wait again.
    /// </summary>
    private async Task<T> DriveAsync<T>(Task<T> work)
    {
        using var patience = new CancellationTokenSource(Patience);
        var waitsBefore = -1L;
        while (!work.IsCompleted)
        {
            var changed = _time.Changed;
            if (_time.IsWaitedFor && _time.WaitsBegun > waitsBefore)
            {
                var waits = _time.WaitsBegun;
                if (_time.FireNext(TimeSpan.MaxValue) == true)
                {
                    waitsBefore = waits;
                }

                continue;
            }

            await Task.WhenAny(work, changed, Task.Delay(Timeout.Infinite, patience.Token));
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"no response within {Patience.TotalSeconds} s; seen by endpoints: {string.Join(", ", _seen.Select(seen => seen.Endpoint))}");
            }
        }

        return await work;
    }

    private static string Write(Step step)
    {
        var text = new StringBuilder($"{step.Send} HTTP/1.1\r\nhost: {step.Host}\r\n");
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

    private IEnumerable<string> Names() => _case.Endpoints.Count > 0 ? _case.Endpoints.Keys : ["ping-1", "ping-2", "ping-3"];

    private List<Reply> Script(string endpoint) =>
        _case.Upstream.GetValueOrDefault(endpoint) ?? _case.Upstream.GetValueOrDefault("*") ?? [new Reply()];
}
