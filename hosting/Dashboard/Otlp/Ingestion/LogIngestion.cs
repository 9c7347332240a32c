using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;

namespace Dashboard.Otlp.Ingestion;

/// <summary>Takes in logs.</summary>
internal sealed class LogIngestion(OtlpReader reader, TimeProvider time)
{
    // The attribute in which .NET's logging puts the message before the values are filled in.
    private const string OriginalFormat = "{OriginalFormat}";

    /// <summary>Takes in an export.</summary>
    public ExportLogsServiceResponse Export(ExportLogsServiceRequest request)
    {
        var result = new ExportResult();
        var now = UnixTime.From(time.GetUtcNow());
        var entries = new List<LogEntry>();
        foreach (var group in request.ResourceLogs)
        {
            if (reader.ResourceOf(group.Resource, group.ScopeLogs.Sum(static scope => (long)scope.LogRecords.Count), result) is { } resource)
            {
                entries.AddRange(
                    from scope in @group.ScopeLogs
                    let category = reader.Name(scope.Scope?.Name ?? "")
                    from record in scope.LogRecords
                    select Read(record, resource, category, now));
            }
        }

        reader.Store.Logs.Add(entries);
        var response = new ExportLogsServiceResponse();
        if (result.Rejected > 0)
        {
            response.PartialSuccess = new() { RejectedLogRecords = result.Rejected, ErrorMessage = result.Message };
        }

        return response;
    }

    private LogEntry Read(LogRecord record, TelemetryResource resource, string category, long now)
    {
        TraceId.TryRead(record.TraceId.Span, out var trace);
        SpanId.TryRead(record.SpanId.Span, out var span);
        var attributes = reader.Attributes(record.Attributes);
        var message = reader.Text(record.Body);
        var moment = record.TimeUnixNano != 0 ? record.TimeUnixNano : record.ObservedTimeUnixNano;
        return new LogEntry
        {
            Resource = resource,
            Time = moment == 0 ? now : UnixTime.FromMessage(moment),
            Severity = record.SeverityNumber,
            Message = message.Length > 0 ? message : attributes[OriginalFormat] ?? record.EventName,
            Attributes = attributes,
            Category = category,
            EventName = reader.Name(record.EventName),
            TraceId = trace,
            SpanId = span,
        };
    }
}
