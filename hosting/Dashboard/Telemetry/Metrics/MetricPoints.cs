namespace Dashboard.Telemetry.Metrics;

/// <summary>A number at one moment. Of a counter it is what was added since the point before.</summary>
internal readonly record struct NumberPoint(long Time, double Value);

/// <summary>
/// What a histogram measured since the point before. Immutable; <paramref name="Bounds"/> are the upper bounds of all buckets but the
/// last, which has none, and are shared between points.
/// </summary>
internal sealed record HistogramPoint(long Time, double[] Bounds, int[] Counts, long Count, double Sum)
{
    /// <summary>What it takes in memory, about.</summary>
    public int Size => 96 + (4 * Counts.Length);
}

/// <summary>A single measurement that belongs to a trace.</summary>
internal readonly record struct ExemplarPoint(long Time, double Value, TraceId TraceId, SpanId SpanId);

/// <summary>What an instrument measures.</summary>
internal enum InstrumentKind
{
    /// <summary>A sum that only grows: shown as a rate.</summary>
    Counter,

    /// <summary>A sum that goes up and down, or the latest value of something.</summary>
    Gauge,

    /// <summary>How measurements are spread: shown as percentiles.</summary>
    Histogram,
}

/// <summary>An instrument of a resource: what is measured, not the measurements.</summary>
internal sealed record Instrument(TelemetryResource Resource, string Scope, string Name, string Description, string Unit, InstrumentKind Kind);
