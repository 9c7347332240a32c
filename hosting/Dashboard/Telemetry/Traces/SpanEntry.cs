using System.Collections.Immutable;

namespace Dashboard.Telemetry.Traces;

/// <summary>A span. Immutable.</summary>
internal sealed record SpanEntry
{
    /// <summary>Who made it.</summary>
    public required TelemetryResource Resource { get; init; }

    /// <summary>The trace it belongs to.</summary>
    public required TraceId TraceId { get; init; }

    /// <summary>Its id.</summary>
    public required SpanId SpanId { get; init; }

    /// <summary>The span it happened in; the default when it is the first of its trace.</summary>
    public SpanId ParentId { get; init; }

    /// <summary>What was done.</summary>
    public required string Name { get; init; }

    /// <summary>Which side of a call it is.</summary>
    public required SpanKind Kind { get; init; }

    /// <summary>When it began, in nanoseconds since 1970.</summary>
    public required long Start { get; init; }

    /// <summary>When it ended.</summary>
    public required long End { get; init; }

    /// <summary>How it ended.</summary>
    public SpanStatus Status { get; init; }

    /// <summary>What was said about a failure.</summary>
    public string StatusMessage { get; init; } = "";

    /// <summary>The instrumentation that made it.</summary>
    public required string Scope { get; init; }

    /// <summary>Its attributes.</summary>
    public required AttributeList Attributes { get; init; }

    /// <summary>What happened during it.</summary>
    public ImmutableArray<SpanEvent> Events { get; init; } = [];

    /// <summary>Spans of other traces it has to do with.</summary>
    public ImmutableArray<SpanLink> Links { get; init; } = [];

    /// <summary>How long it took, in nanoseconds.</summary>
    public long Duration => Math.Max(0, End - Start);

    /// <summary>Whether it failed.</summary>
    public bool IsError => Status == SpanStatus.Error;

    /// <summary>What it takes in memory, about.</summary>
    public int Size => 240
        + Attributes.Sum(static item => 16 + SizeOf(item.Value))
        + Events.Sum(static each => 80 + each.Attributes.Sum(static item => 16 + SizeOf(item.Value)))
        + (Links.Length * 60);

    // Short texts are mostly shared with other spans.
    private static int SizeOf(string text) => text.Length <= 96 ? 16 : 40 + (2 * text.Length);
}

/// <summary>Something that happened during a span.</summary>
internal sealed record SpanEvent(long Time, string Name, AttributeList Attributes);

/// <summary>A span of another trace.</summary>
internal readonly record struct SpanLink(TraceId TraceId, SpanId SpanId);

/// <summary>Which side of a call a span is.</summary>
internal enum SpanKind
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// <summary>How a span ended.</summary>
internal enum SpanStatus
{
    Unset,
    Ok,
    Error,
}
