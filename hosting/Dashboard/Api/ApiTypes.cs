using Dashboard.EngineLink;
using Dashboard.Resources;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;

namespace Dashboard.Api;

/// <summary>A resource or replica, and what its process uses at the moment.</summary>
internal sealed record ResourceJson(ResourceInfo Resource, double? Cpu, long? Memory)
{
    public static ResourceJson From(ResourceInfo resource, ProcessUsage usage) =>
        usage.Of(resource.Id) is [.., var now] ? new(resource, now.Cpu, now.Memory) : new(resource, null, null);
}

/// <summary>A log record.</summary>
internal sealed record LogJson(
    long Sequence,
    DateTimeOffset Time,
    string Resource,
    string Level,
    string Category,
    string? EventName,
    string Message,
    string? TraceId,
    string? SpanId,
    IReadOnlyDictionary<string, string> Attributes)
{
    public static LogJson From(LogEntry entry) => new(
        entry.Sequence,
        UnixTime.ToDateTimeOffset(entry.Time),
        entry.Resource.Id,
        entry.Level.ToString(),
        entry.Category,
        entry.EventName.Length > 0 ? entry.EventName : null,
        entry.Message,
        entry.TraceId == default ? null : entry.TraceId.ToString(),
        entry.SpanId == default ? null : entry.SpanId.ToString(),
        ApiTypes.ToDictionary(entry.Attributes));
}

/// <summary>A trace in a list.</summary>
internal sealed record TraceJson(
    string TraceId, string Name, DateTimeOffset Start, double DurationMs, int Spans, bool IsError, IReadOnlyList<string> Resources)
{
    public static TraceJson From(TraceView trace) => new(
        trace.Id.ToString(),
        trace.Root.Name,
        UnixTime.ToDateTimeOffset(trace.Start),
        ApiTypes.Milliseconds(trace.Duration),
        trace.Spans.Length,
        trace.IsError,
        [.. trace.Spans.Select(span => span.Resource.Id).Distinct()]);
}

/// <summary>A trace with its spans, in the order of the tree.</summary>
internal sealed record TraceDetailJson(TraceJson Trace, IReadOnlyList<SpanJson> Spans);

/// <summary>A span.</summary>
internal sealed record SpanJson(
    string SpanId,
    string? ParentSpanId,
    int Depth,
    string Resource,
    string Name,
    string Kind,
    DateTimeOffset Start,
    double DurationMs,
    string Status,
    string? StatusMessage,
    string Scope,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyList<SpanEventJson> Events)
{
    public static SpanJson From(SpanEntry span, int depth) => new(
        span.SpanId.ToString(),
        span.ParentId == default ? null : span.ParentId.ToString(),
        depth,
        span.Resource.Id,
        span.Name,
        span.Kind.ToString(),
        UnixTime.ToDateTimeOffset(span.Start),
        ApiTypes.Milliseconds(span.Duration),
        span.Status.ToString(),
        span.StatusMessage.Length > 0 ? span.StatusMessage : null,
        span.Scope,
        ApiTypes.ToDictionary(span.Attributes),
        [.. span.Events.Select(each =>
            new SpanEventJson(UnixTime.ToDateTimeOffset(each.Time), each.Name, ApiTypes.ToDictionary(each.Attributes)))]);
}

/// <summary>Something that happened during a span.</summary>
internal sealed record SpanEventJson(DateTimeOffset Time, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>An instrument.</summary>
internal sealed record InstrumentJson(string Resource, string Scope, string Name, string Description, string Unit, string Kind)
{
    public static InstrumentJson From(Instrument instrument) => new(
        instrument.Resource.Id, instrument.Scope, instrument.Name, instrument.Description, instrument.Unit, instrument.Kind.ToString());
}

/// <summary>A chart; where nothing was measured a value is null.</summary>
internal sealed record ChartJson(
    string Kind, string Unit, DateTimeOffset Start, double StepSeconds, IReadOnlyList<LineJson> Lines, IReadOnlyList<LineJson> Rates)
{
    public static ChartJson From(MetricChart chart) => new(
        chart.Kind.ToString(), chart.Unit, chart.Start, chart.Step.TotalSeconds, [.. chart.Lines.Select(Line)], [.. chart.Rates.Select(Line)]);

    private static LineJson Line(ChartLine line) => new(line.Name, [.. line.Values.Select(ApiTypes.Number)]);
}

/// <summary>A line of a chart.</summary>
internal sealed record LineJson(string Name, IReadOnlyList<double?> Values);

/// <summary>How much telemetry of a resource is kept, and how much had to go.</summary>
internal sealed record TelemetryJson(string Resource, CountJson Logs, CountJson Spans, CountJson Points);

/// <summary>Records kept, what they take, and how many had to go.</summary>
internal sealed record CountJson(int Kept, long Bytes, long Dropped)
{
    public static CountJson From(TelemetryCount count) => new(count.Kept, count.Bytes, count.Dropped);
}

/// <summary>How a command ended.</summary>
internal sealed record CommandJson(bool Success, string? Message, string? Value);

/// <summary>What is wrong with a request.</summary>
internal sealed record ErrorJson(string Error);

/// <summary>What has come since a stream was opened; a script fetches what it wants to see of it.</summary>
internal sealed record TelemetryEventJson(bool Logs, bool Traces, bool Metrics, long LogSequence);

/// <summary>A replica that is gone.</summary>
internal sealed record RemovedJson(string Id);

/// <summary>The token to send back with a command.</summary>
internal sealed record AntiforgeryJson(string Header, string Token);

internal static class ApiTypes
{
    public static double Milliseconds(long nanoseconds) => nanoseconds / 1e6;

    public static double? Number(double value) => double.IsFinite(value) ? value : null;

    // A key that comes twice is malformed; the last one counts.
    public static Dictionary<string, string> ToDictionary(AttributeList attributes)
    {
        var dictionary = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in attributes)
        {
            dictionary[key] = value;
        }

        return dictionary;
    }
}
