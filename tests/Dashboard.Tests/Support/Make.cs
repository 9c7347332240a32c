using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;

namespace Dashboard.Tests.Support;

/// <summary>Telemetry made by hand.</summary>
internal static class Make
{
    public static TelemetryResource Resource(string name, string instance = "") => new(name, instance, AttributeList.Empty);

    public static AttributeList Attributes(params (string Key, string Value)[] items) =>
        new([.. items.Select(item => new KeyValuePair<string, string>(item.Key, item.Value))]);

    public static LogEntry Log(TelemetryResource resource, string message, int severity = 9, long time = 0, AttributeList? attributes = null) =>
        new()
        {
            Resource = resource,
            Time = time,
            Severity = severity,
            Message = message,
            Category = "Test",
            Attributes = attributes ?? AttributeList.Empty,
        };

    public static SpanEntry Span(
        TelemetryResource resource, ulong trace, ulong span, ulong parent = 0, long start = 0, long end = 1, AttributeList? attributes = null) =>
        new()
        {
            Resource = resource,
            TraceId = new TraceId(trace),
            SpanId = new SpanId(span),
            ParentId = new SpanId(parent),
            Name = $"span {span}",
            Kind = SpanKind.Server,
            Start = start,
            End = end,
            Scope = "Test",
            Attributes = attributes ?? AttributeList.Empty,
        };

    public static Instrument Instrument(TelemetryResource resource, InstrumentKind kind, string name = "measured") =>
        new(resource, "Meter", name, "", "s", kind);
}
