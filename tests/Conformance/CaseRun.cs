using System.Globalization;
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
    private readonly Func<string, string>? _change;
    private readonly TimeSpan _patience;
    private readonly SeenRequests _seen;
    private readonly Dictionary<string, IEndpoint> _endpoints = [];
    private readonly HashSet<string> _absent;
    private readonly TimeDriver _driver;
    private LocalGateway _gateway = null!;
    private string _documents;

    private CaseRun(ConformanceCase @case, Func<string, string>? change)
    {
        (_case, _change) = (@case, change);
        _patience = change is null ? SeenRequests.Patience : SeenRequests.Impatience;
        _seen = new SeenRequests(_patience);
        _absent = [.. @case.Late];
        _documents = CaseDocuments.Write(@case);

        // Nobody waits for what a mirror answers.
        var waitedFor = _endpoints.Values.Where(endpoint => !endpoint.Name.StartsWith("shadow-", StringComparison.Ordinal));
        _driver = new TimeDriver(_time, waitedFor, change is null ? TimeDriver.Stall : TimeDriver.ShortStall);
    }

    /// <summary>Runs a case.</summary>
    /// <exception cref="CaseFailedException">It does not hold.</exception>
    public static Task RunAsync(ConformanceCase @case, CancellationToken cancellation) => RunAsync(@case, null, cancellation);

    /// <summary>Runs a case with other documents, to see whether it still holds.</summary>
    /// <param name="case">The case.</param>
    /// <param name="change">Gives its documents, those that every case has among them, in another form; null leaves them.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="CaseFailedException">It does not hold.</exception>
    public static async Task RunAsync(ConformanceCase @case, Func<string, string>? change, CancellationToken cancellation)
    {
        await using var run = new CaseRun(@case, change);
        foreach (var name in @case.EndpointNames)
        {
            var script = new Script(@case.ScriptOf(name));
            run._endpoints[name] = @case.Protocol == "http"
                ? new ScriptedEndpoint(name, script, run._time, run._seen)
                : await Http2Endpoint.StartAsync(name, script, run._time, run._seen);
        }

        if (@case.Refused is { } refused)
        {
            await run.CheckRefusalAsync(refused, cancellation);
            return;
        }

        await using var gateway = await LocalGateway.StartAsync(@case, run.Documents(), run._time, run._seen.AddHead, cancellation);
        run._gateway = gateway;
        await run.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints.Values)
        {
            await endpoint.DisposeAsync();
        }
    }

    /// <summary>The request of a step as bytes.</summary>
    /// <param name="step">The step.</param>
    /// <param name="number">The number of the request in it.</param>
    /// <param name="id">Tells the request apart; null when nobody asks for it.</param>
    public static string Write(Step step, int number, string? id)
    {
        var body = step.BodySize > 0 ? new string('x', step.BodySize) : step.Body;
        var text = new StringBuilder($"{step.Send} HTTP/1.1\r\n");
        text.Append(step.Host.Length > 0 ? $"host: {step.Host}\r\n" : "");
        foreach (var (name, value) in step.Headers)
        {
            text.Append($"{name}: {value}\r\n");
        }

        text.Append(id is null ? "" : $"{LocalGateway.IdHeader}: {id}\r\n");
        text.Append(body.Length > 0 ? $"content-length: {body.Length}\r\n" : "");
        return text.Append("\r\n").Append(body).Append(step.Raw).Replace("${n}", number.ToString(CultureInfo.InvariantCulture)).ToString();
    }

    private async Task RunAsync()
    {
        foreach (var (index, step) in _case.Steps.Index())
        {
            try
            {
                await RunAsync(step);
            }
            catch (Exception exception) when (exception is TimeoutException or IOException or InvalidDataException or CaseFailedException)
            {
                throw new CaseFailedException($"step {index + 1}{(step.Send is null ? "" : $" ({step.Send})")}: {exception.Message}",
                    exception);
            }
        }
    }

    private async Task CheckRefusalAsync(string refused, CancellationToken cancellation)
    {
        try
        {
            await using var gateway = await LocalGateway.StartAsync(_case, Documents(), _time, _seen.AddHead, cancellation);
        }
        catch (RefusedException exception) when (Match.Text(refused, exception.Findings))
        {
            return;
        }

        throw new CaseFailedException($"the documents are accepted; expected was {refused}");
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
            await ApplyAsync(replace);
        }

        await ChangeAsync(step);
    }

    /// <summary>What happens to endpoints.</summary>
    private async Task ChangeAsync(Step step)
    {
        if (step.Down is { } down)
        {
            await Scripted(down).DownAsync();
        }

        if (step.Up is { } up)
        {
            Scripted(up).Up();
        }

        if (step.Full is { } full)
        {
            await Scripted(full).FillAsync();
        }

        if ((step.Join is { } join && _absent.Remove(join)) || (step.Leave is { } leave && _absent.Add(leave)))
        {
            await _gateway.ApplyAsync(Documents());
        }
    }

    private Task ApplyAsync(IEnumerable<Dictionary<string, object>> resources)
    {
        _documents = CaseDocuments.Write(resources);
        return _gateway.ApplyAsync(Documents());
    }

    /// <summary>All documents of a case, with ports that stand for those of a run.</summary>
    public static string DocumentsOf(ConformanceCase @case) =>
        CaseDocuments.Fixture(@case, "127.0.0.1", @case.EndpointNames.ToDictionary(name => name, _ => 1)) + CaseDocuments.Write(@case);

    private string Documents()
    {
        var present = _endpoints.Where(endpoint => !_absent.Contains(endpoint.Key))
            .ToDictionary(endpoint => endpoint.Key, endpoint => endpoint.Value.Port);
        var documents = WithPorts(CaseDocuments.Fixture(_case, "127.0.0.1", present) + _documents);
        return _change is null ? documents : _change(documents);
    }

    /// <summary>A value that is only a port is a number.</summary>
    private string WithPorts(string text) => _endpoints.Values.Aggregate(text, (all, endpoint) =>
    {
        var port = endpoint.Port.ToString(CultureInfo.InvariantCulture);
        var name = $"${{port:{endpoint.Name}}}";
        return all.Replace($"\"{name}\"", port, StringComparison.Ordinal).Replace(name, port, StringComparison.Ordinal);
    });

    private ScriptedEndpoint Scripted(string name) => _endpoints[name] as ScriptedEndpoint
        ?? throw new InvalidDataException($"{name} speaks HTTP/2; only an endpoint of HTTP/1.1 goes up and down");

    private async Task SendAsync(Step step)
    {
        _seen.Clear();
        var results = new List<Result>();
        var atOnce = step.Overlapping ? step.Repeat : step.Parallel;
        for (var sent = 0; sent < step.Repeat; sent += atOnce)
        {
            var count = Math.Min(atOnce, step.Repeat - sent);
            var work = Task.WhenAll(await StartAsync(step, sent, count));
            if (step.Meanwhile is { } meanwhile)
            {
                await _seen.WaitAsync(seen => seen.Count > 0);
                await ApplyAsync(meanwhile);
            }

            results.AddRange(await _driver.RunAsync(work, step.Concurrency, count - step.Refusals));
        }

        await _seen.WaitAsync(seen => ResultCheck.Suffices(step.Expect, seen));
        new ResultCheck(step.Expect, results, _seen.All).Run();
        await new MetricsCheck(step.Expect.Metrics, _gateway.Metrics, _patience).RunAsync();
    }

    /// <summary>Starts requests: all at once, or, where they overlap, each when the one before has its answer or is delayed by its endpoint.</summary>
    private async Task<List<Task<Result>>> StartAsync(Step step, int first, int count)
    {
        var exchanges = new List<Task<Result>>();
        foreach (var number in Enumerable.Range(first, count))
        {
            var delayed = Delayed();
            var exchange = ExchangeAsync(step, number);
            exchanges.Add(exchange);
            while (step.Overlapping && _time.Changed is var changed && !exchange.IsCompleted && Delayed() == delayed)
            {
                await Task.WhenAny(exchange, changed).WaitAsync(_patience);
            }
        }

        return exchanges;

        int Delayed() => _endpoints.Values.Sum(endpoint => endpoint.Delays);
    }

    private async Task<Result> ExchangeAsync(Step step, int number)
    {
        var id = step.Expect.AsksForFlags ? Guid.NewGuid().ToString() : null;
        var started = _time.Elapsed;
        var exchange = _gateway.SendAsync(_case.Door, WithPorts(Write(step, number, id)), step.Tls);
        var ended = await _driver.FollowAsync(exchange);
        var response = await exchange.ContinueWith(Broken(step), TaskScheduler.Default).Unwrap();
        return new Result(response, ended - started, id is null ? null : await _gateway.FlagsAsync(id));
    }

    /// <summary>A connection that ended before its response did is a result where that is expected.</summary>
    private static Func<Task<RawResponse>, Task<RawResponse>> Broken(Step step) => exchange =>
        exchange.Exception?.InnerException is IOException && step.Expect.Status == "broken"
            ? Task.FromResult(new RawResponse(0, "", ""))
            : exchange;
}
