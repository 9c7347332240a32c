namespace Dashboard.Otlp.Ingestion;

/// <summary>
/// How an export ended: how many records were refused, and why the first of them was. The rest was taken in.
/// https://opentelemetry.io/docs/specs/otlp/#partial-success
/// </summary>
internal sealed class ExportResult
{
    /// <summary>How many were refused.</summary>
    public long Rejected { get; private set; }

    /// <summary>Why the first was.</summary>
    public string Message { get; private set; } = "";

    /// <summary>Refuses records.</summary>
    public void Reject(string reason, long count = 1)
    {
        Rejected += count;
        Message = Message.Length == 0 ? reason : Message;
    }
}
