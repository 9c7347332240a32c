using System.Collections.Concurrent;

namespace AppHost.Tests;

/// <summary>Clients that ask without pause until they are told to stop, and remember every answer and every failure.</summary>
internal sealed class Load
{
    private readonly ConcurrentQueue<string> _answers = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task _clients;
    private volatile bool _stopped;

    private Load(Func<CancellationToken, Task<string>> ask, int clients)
    {
        _clients = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(() => AskAsync(ask))));
    }

    public int Count => _answers.Count;

    public static Load Start(Func<CancellationToken, Task<string>> ask, int clients = 4) => new(ask, clients);

    /// <summary>The answers that came after the given number of them.</summary>
    public IEnumerable<string> After(int count) => _answers.Skip(count);

    /// <summary>Ends the load after the requests that are under way; returns what went wrong.</summary>
    public async Task<IReadOnlyCollection<string>> StopAsync()
    {
        _stopped = true;
        await _clients;
        return _failures;
    }

    private async Task AskAsync(Func<CancellationToken, Task<string>> ask)
    {
        while (!_stopped)
        {
            try
            {
                // Not cancelled: a request that has begun must end well.
                _answers.Enqueue(await ask(CancellationToken.None));
            }
            catch (HttpRequestException e)
            {
                _failures.Enqueue(e.ToString());
            }
        }
    }
}
