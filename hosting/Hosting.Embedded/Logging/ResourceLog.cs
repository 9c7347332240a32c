using System.Globalization;
using System.Threading.Channels;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The log of one resource or replica: a bounded list of lines and those who watch it.</summary>
internal sealed class ResourceLog
{
    private const int Capacity = 10_000;

    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new();
    private readonly List<Watcher> _watchers = [];
    private readonly TimeProvider _time;
    private readonly Action<string, bool> _onWatchedChanged;
    private int _lastNumber;
    private bool _completed;

    public ResourceLog(string name, TimeProvider time, Action<string, bool> onWatchedChanged)
    {
        Name = name;
        _time = time;
        _onWatchedChanged = onWatchedChanged;
    }

    public string Name { get; }

    public bool IsWatched
    {
        get
        {
            lock (_lock)
            {
                return _watchers.Count > 0;
            }
        }
    }

    public IReadOnlyList<LogLine> Snapshot()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }

    public void Add(string text, bool isError)
    {
        var stamp = _time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        lock (_lock)
        {
            if (_completed)
            {
                return;
            }

            var line = new LogLine(++_lastNumber, $"{stamp} {text}", isError);
            _lines.Enqueue(line);
            if (_lines.Count > Capacity)
            {
                _lines.Dequeue();
            }

            foreach (var watcher in _watchers)
            {
                watcher.Lines.TryWrite(line);
            }
        }
    }

    public IDisposable Watch(ChannelWriter<LogLine> lines, Action onCompleted)
    {
        var watcher = new Watcher(this, lines, onCompleted);
        bool isFirst;
        lock (_lock)
        {
            foreach (var line in _lines)
            {
                lines.TryWrite(line);
            }

            if (_completed)
            {
                onCompleted();
                return watcher;
            }

            _watchers.Add(watcher);
            isFirst = _watchers.Count == 1;
        }

        if (isFirst)
        {
            _onWatchedChanged(Name, true);
        }

        return watcher;
    }

    public void Complete()
    {
        lock (_lock)
        {
            if (_completed)
            {
                return;
            }

            _completed = true;
            foreach (var watcher in _watchers)
            {
                watcher.OnCompleted();
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _lines.Clear();
        }
    }

    private void Remove(Watcher watcher)
    {
        bool wasLast;
        lock (_lock)
        {
            wasLast = _watchers.Remove(watcher) && _watchers.Count == 0;
        }

        if (wasLast)
        {
            _onWatchedChanged(Name, false);
        }
    }

    private sealed class Watcher : IDisposable
    {
        private readonly ResourceLog _log;

        public Watcher(ResourceLog log, ChannelWriter<LogLine> lines, Action onCompleted)
        {
            _log = log;
            Lines = lines;
            OnCompleted = onCompleted;
        }

        public ChannelWriter<LogLine> Lines { get; }

        public Action OnCompleted { get; }

        public void Dispose() => _log.Remove(this);
    }
}
