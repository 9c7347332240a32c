using System.Diagnostics.CodeAnalysis;

namespace Dashboard.Telemetry.Traces;

/// <summary>
/// The spans of all resources, by trace. When a resource has too many, the oldest trace it has a part in goes as a whole, so that no trace
/// is shown with holes. Safe for use by several threads.
/// </summary>
internal sealed class TraceStore(TelemetryLimits limits, TelemetryChanges changes, Reclaimer reclaimer)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TraceId, Trace> _traces = [];
    private readonly Dictionary<TelemetryResource, Share> _shares = [];
    private readonly LinkedList<Trace> _order = [];
    private long _received;
    private long _bytes;

    /// <summary>How many spans have ever come.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Adds spans.</summary>
    public void Add(IReadOnlyList<SpanEntry> spans)
    {
        if (spans.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            var (before, added) = (_bytes, 0L);
            foreach (var span in spans)
            {
                _received++;
                added += span.Size;
                Add(span);
            }

            reclaimer.Note(before + added - _bytes);
        }

        changes.Publish(Signals.Traces);
    }

    /// <summary>What is kept of a resource's spans.</summary>
    public TelemetryCount CountOf(TelemetryResource resource)
    {
        lock (_gate)
        {
            return _shares.TryGetValue(resource, out var share) ? new(share.Spans, share.Bytes, share.Dropped) : default;
        }
    }

    /// <summary>A trace.</summary>
    public bool TryGet(TraceId id, [NotNullWhen(true)] out TraceView? trace)
    {
        lock (_gate)
        {
            trace = _traces.TryGetValue(id, out var found) ? found.ToView() : null;
        }

        return trace is not null;
    }

    /// <summary>The traces that a filter lets through, the latest first.</summary>
    public IReadOnlyList<TraceView> Find(TraceFilter filter)
    {
        var found = new List<TraceView>();
        foreach (var trace in Latest())
        {
            if (found.Count >= filter.Limit)
            {
                break;
            }

            if (filter.Matches(trace))
            {
                found.Add(trace);
            }
        }

        return found;
    }

    // A view is made when it is asked for, and in small batches, so that those that bring spans wait for a moment only.
    private IEnumerable<TraceView> Latest()
    {
        const int Batch = 64;
        Trace[] all;
        lock (_gate)
        {
            all = new Trace[_order.Count];
            _order.CopyTo(all, 0);
        }

        Array.Reverse(all);
        foreach (var chunk in all.Chunk(Batch))
        {
            TraceView[] views;
            lock (_gate)
            {
                views = [.. chunk.Where(trace => trace.Spans.Count > 0).Select(trace => trace.ToView())];
            }

            foreach (var view in views)
            {
                yield return view;
            }
        }
    }

    private void Add(SpanEntry span)
    {
        if (!_shares.TryGetValue(span.Resource, out var share))
        {
            share = new Share();
            _shares.Add(span.Resource, share);
        }

        if (!_traces.TryGetValue(span.TraceId, out var trace))
        {
            trace = new Trace(span.TraceId);
            _traces.Add(span.TraceId, trace);
            trace.Places.Add(_order.AddLast(trace));
        }

        if (trace.Spans.Count >= limits.SpansPerTrace)
        {
            trace.Dropped++;
            share.Dropped++;
            return;
        }

        if (trace.Resources.Add(span.Resource))
        {
            trace.Places.Add(share.Traces.AddLast(trace));
        }

        trace.Spans.Add(span);
        share.Spans++;
        share.Bytes += span.Size;
        _bytes += span.Size;
        while ((share.Spans > limits.Spans || share.Bytes > limits.SpanBytes) && DropOldest(share, except: trace))
        {
        }

        while (_bytes > limits.TotalBytes && DropOldest(_shares.Values.MaxBy(static each => each.Bytes)!, except: trace))
        {
        }
    }

    private bool DropOldest(Share share, Trace except)
    {
        if (share.Traces.First?.Value is not { } trace || trace == except)
        {
            return false;
        }

        foreach (var span in trace.Spans)
        {
            var other = _shares[span.Resource];
            other.Spans--;
            other.Dropped++;
            other.Bytes -= span.Size;
            _bytes -= span.Size;
        }

        trace.Spans.Clear();
        _traces.Remove(trace.Id);
        foreach (var place in trace.Places)
        {
            place.List!.Remove(place);
        }

        return true;
    }

    /// <summary>A trace as it grows; without spans once it has been dropped.</summary>
    private sealed class Trace(TraceId id)
    {
        public TraceId Id { get; } = id;

        public List<SpanEntry> Spans { get; } = [];

        public HashSet<TelemetryResource> Resources { get; } = [];

        public int Dropped { get; set; }

        /// <summary>Where it stands in the order of all traces and in those of its resources.</summary>
        public List<LinkedListNode<Trace>> Places { get; } = [];

        public TraceView ToView() => new(Id, Spans, Dropped);
    }

    /// <summary>What belongs to one resource: how much, and the traces it has a part in, the oldest first.</summary>
    private sealed class Share
    {
        public LinkedList<Trace> Traces { get; } = [];

        public int Spans { get; set; }

        public long Bytes { get; set; }

        public long Dropped { get; set; }
    }
}
