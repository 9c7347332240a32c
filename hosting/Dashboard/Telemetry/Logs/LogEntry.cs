namespace Dashboard.Telemetry.Logs;

/// <summary>A log record. Immutable.</summary>
internal sealed record LogEntry
{
    /// <summary>Its place in the order of arrival, from 1.</summary>
    public long Sequence { get; init; }

    /// <summary>Who logged it.</summary>
    public required TelemetryResource Resource { get; init; }

    /// <summary>When, in nanoseconds since 1970.</summary>
    public required long Time { get; init; }

    /// <summary>OTLP's severity number, 0 when there is none.</summary>
    public required int Severity { get; init; }

    /// <summary>The message.</summary>
    public required string Message { get; init; }

    /// <summary>Its attributes.</summary>
    public required AttributeList Attributes { get; init; }

    /// <summary>The logger: the name of the instrumentation scope.</summary>
    public required string Category { get; init; }

    /// <summary>The kind of event, when it has a name.</summary>
    public string EventName { get; init; } = "";

    /// <summary>The trace it belongs to; the default when to none.</summary>
    public TraceId TraceId { get; init; }

    /// <summary>The span it belongs to; the default when to none.</summary>
    public SpanId SpanId { get; init; }

    /// <summary>The severity as a level of six.</summary>
    public LogSeverity Level => LogSeverities.FromNumber(Severity);

    /// <summary>What it takes in memory, about: the object, its texts, and a pair of references for each attribute.</summary>
    public int Size => 160 + (2 * Message.Length) + Attributes.Sum(static item => 60 + (2 * item.Value.Length));
}

/// <summary>The levels of severity that OTLP's 24 numbers stand for.</summary>
internal enum LogSeverity
{
    Unspecified,
    Trace,
    Debug,
    Information,
    Warning,
    Error,
    Critical,
}

/// <summary>https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber</summary>
internal static class LogSeverities
{
    /// <summary>The level of a severity number.</summary>
    public static LogSeverity FromNumber(int number) => number switch
    {
        < 1 or > 24 => LogSeverity.Unspecified,
        _ => (LogSeverity)(((number - 1) / 4) + 1),
    };

    /// <summary>The lowest severity number of a level.</summary>
    public static int ToNumber(LogSeverity level) => level == LogSeverity.Unspecified ? 0 : (((int)level - 1) * 4) + 1;
}
