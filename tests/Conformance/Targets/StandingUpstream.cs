using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Conformance.Upstreams;
using Gateway.Tests.Support;

namespace Conformance.Targets;

/// <summary>
/// Endpoints that stand by themselves, where a gateway elsewhere can reach them: one for each port. What they answer is told by the
/// requests. What they have seen they tell in their answers, for whoever runs the cases sees nothing else of them.
/// </summary>
internal sealed class StandingUpstream : IAsyncDisposable
{
    private const int MaxRuns = 1000;

    private readonly ConcurrentDictionary<string, Run> _runs = new(StringComparer.Ordinal);
    private readonly List<RawUpstream> _endpoints;

    /// <summary>Starts to listen.</summary>
    /// <param name="address">Where.</param>
    /// <param name="ports">The port of each endpoint; 0 for any.</param>
    public StandingUpstream(IPAddress address, IEnumerable<int> ports) =>
        _endpoints = [.. ports.Select((port, index) => RawUpstream.Start(
            (request, connection) => AnswerAsync(index, request, connection), port, address))];

    /// <summary>The ports.</summary>
    public IEnumerable<int> Ports => _endpoints.Select(endpoint => endpoint.Port);

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints)
        {
            await endpoint.DisposeAsync();
        }
    }

    private async Task AnswerAsync(int index, RawRequest request, RawConnection connection)
    {
        if (request.Header(TargetScript.Header) is not { } header)
        {
            await connection.RespondAsync($"This endpoint answers what the header {TargetScript.Header} says.\n", "", "400 Bad Request");
            return;
        }

        var script = TargetScript.Parse(header);
        var name = script.Endpoints[index];
        if (_runs.Count > MaxRuns)
        {
            _runs.Clear();
        }

        var run = _runs.GetOrAdd(script.Run, _ => new Run(script));
        var seen = run.Count(name, script.Step);
        var head = Convert.ToBase64String(Encoding.Latin1.GetBytes($"{request.Head}\r\n{request.BodyText}"));
        await ReplySender.SendAsync(
            run.Scripts[name].Next(), name, request, connection,
            $"{TargetScript.SeenHeader}: {seen}\r\n{(head.Length < 16_000 ? $"{TargetScript.RequestHeader}: {head}\r\n" : "")}",
            delay => Task.Delay(delay, connection.Stop),
            () => Task.Delay(Timeout.Infinite, connection.Stop));
    }

    /// <summary>One run of a case.</summary>
    private sealed class Run(TargetScript script)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, int> _seen = [];
        private int _step;

        public Dictionary<string, Script> Scripts { get; } = script.Endpoints.ToDictionary(name => name, name => new Script(script.Replies[name]));

        /// <summary>Counts a request; gives the counts of the step.</summary>
        public string Count(string endpoint, int step)
        {
            lock (_gate)
            {
                if (step != _step)
                {
                    _step = step;
                    _seen.Clear();
                }

                _seen[endpoint] = _seen.GetValueOrDefault(endpoint) + 1;
                return string.Join(',', _seen.Select(count => $"{count.Key}={count.Value}"));
            }
        }
    }
}
