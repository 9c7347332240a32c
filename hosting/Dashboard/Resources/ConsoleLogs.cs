using System.Collections.Concurrent;
using System.Threading.Channels;
using Dashboard.EngineLink;

namespace Dashboard.Resources;

/// <summary>
/// The output of the processes. Only what somebody reads is asked of the engine and kept here, the latest lines of each replica.
/// </summary>
internal sealed class ConsoleLogs
{
    /// <summary>How many lines of a replica are kept.</summary>
    public const int Capacity = 5_000;

    private readonly ConcurrentDictionary<string, Log> _logs = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    /// <summary>Asks the engine to send a log, or to send it no longer.</summary>
    public event Action<DashboardMessage>? Asked;

    /// <summary>The logs somebody reads.</summary>
    public IReadOnlyList<string> Watched => [.. _logs.Where(pair => pair.Value.Readers.Count > 0).Select(pair => pair.Key)];

    /// <summary>Takes in lines.</summary>
    public void Add(string id, IReadOnlyList<ConsoleLine> lines)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue(id, out var log))
            {
                return;
            }

            foreach (var line in lines)
            {
                log.Lines.Enqueue(line);
                if (log.Lines.Count > Capacity)
                {
                    log.Lines.Dequeue();
                }
            }

            foreach (var reader in log.Readers)
            {
                reader.TryWrite(lines);
            }
        }
    }

    /// <summary>Forgets all lines: an engine has connected and sends them again.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            foreach (var log in _logs.Values)
            {
                log.Lines.Clear();
            }
        }
    }

    /// <summary>The lines of a replica so far, then each new one, until cancelled. A reader that cannot follow misses lines.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ConsoleLine>> WatchAsync(
        string id, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<IReadOnlyList<ConsoleLine>>(
            new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        Open(id, channel.Writer);
        try
        {
            await foreach (var lines in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return lines;
            }
        }
        finally
        {
            Close(id, channel.Writer);
        }
    }

    private void Open(string id, ChannelWriter<IReadOnlyList<ConsoleLine>> reader)
    {
        bool isFirst;
        lock (_gate)
        {
            var log = _logs.GetOrAdd(id, static _ => new Log());
            isFirst = log.Readers.Count == 0;
            log.Readers.Add(reader);
            if (log.Lines.Count > 0)
            {
                reader.TryWrite([.. log.Lines]);
            }
        }

        if (isFirst)
        {
            Asked?.Invoke(new WatchLog(id));
        }
    }

    private void Close(string id, ChannelWriter<IReadOnlyList<ConsoleLine>> reader)
    {
        var isLast = false;
        lock (_gate)
        {
            if (_logs.TryGetValue(id, out var log) && log.Readers.Remove(reader) && log.Readers.Count == 0)
            {
                isLast = _logs.TryRemove(id, out _);
            }
        }

        if (isLast)
        {
            Asked?.Invoke(new UnwatchLog(id));
        }
    }

    private sealed class Log
    {
        public Queue<ConsoleLine> Lines { get; } = new();

        public List<ChannelWriter<IReadOnlyList<ConsoleLine>>> Readers { get; } = [];
    }
}
