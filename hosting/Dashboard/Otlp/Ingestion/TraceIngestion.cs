using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Traces;

namespace Dashboard.Otlp.Ingestion;

/// <summary>Takes in traces.</summary>
internal sealed class TraceIngestion(OtlpReader reader)
{
    private const int MaxEvents = 64;
    private const int MaxLinks = 32;

    /// <summary>Takes in an export.</summary>
    public ExportTraceServiceResponse Export(ExportTraceServiceRequest request)
    {
        var result = new ExportResult();
        var spans = new List<SpanEntry>();
        foreach (var group in request.ResourceSpans)
        {
            if (reader.ResourceOf(group.Resource, group.ScopeSpans.Sum(static scope => (long)scope.Spans.Count), result) is not { } resource)
            {
                continue;
            }

            foreach (var scope in group.ScopeSpans)
            {
                var name = reader.Name(scope.Scope?.Name ?? "");
                spans.AddRange(scope.Spans.Select(span => Read(span, resource, name, result)).OfType<SpanEntry>());
            }
        }

        reader.Store.Traces.Add(spans);
        var response = new ExportTraceServiceResponse();
        if (result.Rejected > 0)
        {
            response.PartialSuccess = new() { RejectedSpans = result.Rejected, ErrorMessage = result.Message };
        }

        return response;
    }

    private SpanEntry? Read(Span span, TelemetryResource resource, string scope, ExportResult result)
    {
        if (!TraceId.TryRead(span.TraceId.Span, out var trace) || !SpanId.TryRead(span.SpanId.Span, out var id))
        {
            result.Reject($"Span '{reader.Cut(span.Name)}' of '{resource.Id}' has no valid trace id and span id.");
            return null;
        }

        SpanId.TryRead(span.ParentSpanId.Span, out var parent);
        return new SpanEntry
        {
            Resource = resource,
            TraceId = trace,
            SpanId = id,
            ParentId = parent,
            Name = reader.Name(span.Name),
            Kind = Enum.IsDefined((SpanKind)span.Kind) ? (SpanKind)span.Kind : SpanKind.Unspecified,
            Start = UnixTime.FromMessage(span.StartTimeUnixNano),
            End = UnixTime.FromMessage(Math.Max(span.StartTimeUnixNano, span.EndTimeUnixNano)),
            Status = Enum.IsDefined((SpanStatus)(span.Status?.Code ?? 0)) ? (SpanStatus)(span.Status?.Code ?? 0) : SpanStatus.Unset,
            StatusMessage = reader.Cut(span.Status?.Message ?? ""),
            Scope = scope,
            Attributes = reader.Attributes(span.Attributes),
            Events = [.. span.Events.Take(MaxEvents).Select(each =>
                new SpanEvent(UnixTime.FromMessage(each.TimeUnixNano), reader.Name(each.Name), reader.Attributes(each.Attributes)))],
            Links = [.. span.Links.Take(MaxLinks).Select(Read)],
        };
    }

    private static SpanLink Read(Span.Types.Link link)
    {
        TraceId.TryRead(link.TraceId.Span, out var trace);
        SpanId.TryRead(link.SpanId.Span, out var span);
        return new SpanLink(trace, span);
    }
}
