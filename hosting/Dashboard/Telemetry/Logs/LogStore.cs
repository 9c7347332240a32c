namespace Dashboard.Telemetry.Logs;

/// <summary>The log records of all resources, the latest of each. Safe for use by several threads.</summary>
internal sealed class LogStore(TelemetryLimits limits, TelemetryChanges changes, Reclaimer reclaimer)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TelemetryResource, BoundedRecords<LogEntry>> _byResource = [];
    private long _sequence;
    private long _bytes;

    /// <summary>How many records have ever come.</summary>
    public long Received => Interlocked.Read(ref _sequence);

    /// <summary>Adds records.</summary>
    public void Add(IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            var (before, added) = (_bytes, 0L);
            foreach (var entry in entries)
            {
                added += entry.Size;
                if (!_byResource.TryGetValue(entry.Resource, out var records))
                {
                    records = new BoundedRecords<LogEntry>(limits.Logs, limits.LogBytes);
                    _byResource.Add(entry.Resource, records);
                }

                _bytes -= records.Bytes;
                records.Add(entry with { Sequence = ++_sequence }, entry.Size);
                _bytes += records.Bytes;
                while (_bytes > limits.TotalBytes)
                {
                    DropFromLargest();
                }
            }

            reclaimer.Note(before + added - _bytes);
        }

        changes.Publish(Signals.Logs);
    }

    /// <summary>What is kept of a resource's logs.</summary>
    public TelemetryCount CountOf(TelemetryResource resource)
    {
        lock (_gate)
        {
            return _byResource.TryGetValue(resource, out var records) ? new(records.Count, records.Bytes, records.Dropped) : default;
        }
    }

    /// <summary>The latest records that a filter lets through, in the order of their time.</summary>
    public IReadOnlyList<LogEntry> Find(LogFilter filter)
    {
        var entries = new List<LogEntry>();
        lock (_gate)
        {
            foreach (var (resource, records) in _byResource)
            {
                if (resource.Matches(filter.Resource))
                {
                    records.CopyTo(entries);
                }
            }
        }

        entries.RemoveAll(entry => !filter.Matches(entry));
        entries.Sort(static (x, y) => x.Time != y.Time ? x.Time.CompareTo(y.Time) : x.Sequence.CompareTo(y.Sequence));
        return entries.Count > filter.Limit ? entries.GetRange(entries.Count - filter.Limit, filter.Limit) : entries;
    }

    private void DropFromLargest()
    {
        var largest = _byResource.Values.MaxBy(static records => records.Bytes)!;
        _bytes -= largest.Bytes;
        largest.DropOldest();
        _bytes += largest.Bytes;
    }
}

/// <summary>Which log records to show.</summary>
internal sealed record LogFilter
{
    /// <summary>A service's name or an instance's id; nothing for all.</summary>
    public string? Resource { get; init; }

    /// <summary>The lowest level; <see cref="LogSeverity.Unspecified"/> for all.</summary>
    public LogSeverity Level { get; init; }

    /// <summary>A text in the message, the category, the event's name or an attribute.</summary>
    public string? Text { get; init; }

    /// <summary>The trace they belong to.</summary>
    public TraceId? TraceId { get; init; }

    /// <summary>The span they belong to.</summary>
    public SpanId? SpanId { get; init; }

    /// <summary>Only those that came after this one.</summary>
    public long After { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = 500;

    /// <summary>Whether a record is let through; the resource is looked at elsewhere.</summary>
    public bool Matches(LogEntry entry) =>
        entry.Sequence > After
        && (Level == LogSeverity.Unspecified || entry.Severity >= LogSeverities.ToNumber(Level))
        && (TraceId is not { } trace || entry.TraceId == trace)
        && (SpanId is not { } span || entry.SpanId == span)
        && (string.IsNullOrEmpty(Text) || Mentions(entry, Text));

    private static bool Mentions(LogEntry entry, string text) =>
        entry.Message.Contains(text, StringComparison.OrdinalIgnoreCase)
        || entry.Category.Contains(text, StringComparison.OrdinalIgnoreCase)
        || entry.EventName.Contains(text, StringComparison.OrdinalIgnoreCase)
        || entry.Attributes.Mentions(text);
}
