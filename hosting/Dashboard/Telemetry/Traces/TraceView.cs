using System.Collections.Immutable;

namespace Dashboard.Telemetry.Traces;

/// <summary>A trace at one moment: its spans in the order of their start. Immutable.</summary>
internal sealed class TraceView
{
    public TraceView(TraceId id, IEnumerable<SpanEntry> spans, int dropped)
    {
        Id = id;
        Spans = [.. spans.OrderBy(span => span.Start).ThenBy(span => span.ParentId.Value != 0)];
        Dropped = dropped;
        Start = Spans.Min(span => span.Start);
        End = Spans.Max(span => span.End);
        Root = Spans.FirstOrDefault(span => span.ParentId == default) ?? Spans[0];
    }

    /// <summary>Its id.</summary>
    public TraceId Id { get; }

    /// <summary>Its spans; never empty.</summary>
    public ImmutableArray<SpanEntry> Spans { get; }

    /// <summary>How many spans of it were not kept.</summary>
    public int Dropped { get; }

    /// <summary>When it began, in nanoseconds since 1970.</summary>
    public long Start { get; }

    /// <summary>When its last span ended.</summary>
    public long End { get; }

    /// <summary>The span without a parent; the earliest one when that has not come.</summary>
    public SpanEntry Root { get; }

    /// <summary>How long it took, in nanoseconds.</summary>
    public long Duration => End - Start;

    /// <summary>Whether a span of it failed.</summary>
    public bool IsError => Spans.Any(span => span.IsError);

    /// <summary>The spans as a tree, from the top, each with its depth. A span whose parent has not come stands at the top.</summary>
    public IReadOnlyList<(SpanEntry Span, int Depth)> ToTree()
    {
        var known = Spans.Select(span => span.SpanId).ToHashSet();
        var children = Spans.ToLookup(span => known.Contains(span.ParentId) && span.ParentId != span.SpanId ? span.ParentId : default);
        var tree = new List<(SpanEntry Span, int Depth)>(Spans.Length);
        var seen = new HashSet<SpanEntry>(ReferenceEqualityComparer.Instance);
        Add(default, 0);

        // Spans that name each other as parents hang nowhere; they are shown all the same.
        foreach (var span in Spans.Where(span => !seen.Contains(span)))
        {
            seen.Add(span);
            tree.Add((span, 0));
        }

        return tree;

        void Add(SpanId parent, int depth)
        {
            foreach (var span in children[parent])
            {
                if (seen.Add(span))
                {
                    tree.Add((span, depth));
                    Add(span.SpanId, depth + 1);
                }
            }
        }
    }
}

/// <summary>Which traces to show.</summary>
internal sealed record TraceFilter
{
    /// <summary>A service's name or an instance's id that has a span in it; nothing for all.</summary>
    public string? Resource { get; init; }

    /// <summary>A text in the name of a span or in an attribute, or the beginning of the trace's id.</summary>
    public string? Text { get; init; }

    /// <summary>Only those with a span that failed.</summary>
    public bool ErrorsOnly { get; init; }

    /// <summary>Only those that took at least so long, in nanoseconds.</summary>
    public long MinDuration { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = 200;

    /// <summary>Whether a trace is let through.</summary>
    public bool Matches(TraceView trace) =>
        trace.Duration >= MinDuration
        && (!ErrorsOnly || trace.IsError)
        && (string.IsNullOrEmpty(Resource) || trace.Spans.Any(span => span.Resource.Matches(Resource)))
        && (string.IsNullOrEmpty(Text) || Mentions(trace, Text));

    private static bool Mentions(TraceView trace, string text) =>
        trace.Id.ToString().StartsWith(text, StringComparison.OrdinalIgnoreCase)
        || trace.Spans.Any(span => span.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || span.Attributes.Mentions(text));
}
