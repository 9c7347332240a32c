namespace Dashboard.Telemetry;

/// <summary>
/// How much telemetry is kept. Each limit holds per resource; what exceeds it pushes out the oldest. Sizes are estimates of what a record
/// takes in memory.
/// </summary>
internal sealed record TelemetryLimits
{
    /// <summary>Resources; telemetry of further ones is refused.</summary>
    public int Resources { get; init; } = 64;

    /// <summary>Log records of a resource.</summary>
    public int Logs { get; init; } = 4_000;

    /// <summary>Bytes that the log records of a resource take.</summary>
    public long LogBytes { get; init; } = 3 * 1024 * 1024;

    /// <summary>Spans of a resource.</summary>
    public int Spans { get; init; } = 6_000;

    /// <summary>Bytes that the spans of a resource take.</summary>
    public long SpanBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Spans of one trace; further ones are dropped.</summary>
    public int SpansPerTrace { get; init; } = 1_000;

    /// <summary>Combinations of instrument and attributes of a resource; further ones are refused.</summary>
    public int Series { get; init; } = 1_000;

    /// <summary>The same of all resources together; each takes some memory though it has few points.</summary>
    public int TotalSeries { get; init; } = 8_000;

    /// <summary>Data points of one series.</summary>
    public int Points { get; init; } = 600;

    /// <summary>Bytes that the data points of a resource take.</summary>
    public long MetricBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>
    /// Bytes that logs, likewise spans, and likewise data points of all resources take together; the resource that takes most gives way.
    /// </summary>
    public long TotalBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Attributes of a record; further ones are left out.</summary>
    public int Attributes { get; init; } = 64;

    /// <summary>Characters of an attribute's value or of a message; the rest is cut off.</summary>
    public int TextLength { get; init; } = 16 * 1024;
}
