using Istio.Documents;

namespace Istio.Validation;

/// <summary>A field of a document that a rule looks at, and the list that findings go to.</summary>
/// <param name="Document">The document.</param>
/// <param name="Path">The field's path; empty for the document.</param>
/// <param name="Findings">Where findings are collected.</param>
internal readonly record struct Place(ResourceDocument Document, string Path, List<Finding> Findings)
{
    /// <summary>A member of this object.</summary>
    public Place this[string member] => this with { Path = FieldPath.Member(Path, member) };

    /// <summary>An item of this list.</summary>
    public Place this[int index] => this with { Path = FieldPath.Item(Path, index) };

    // Istio's own way to say that findings are known and meant (https://istio.io/latest/docs/reference/config/annotations/).
    private const string Suppress = "galley.istio.io/analyze-suppress";

    /// <summary>Adds a finding here, unless the resource's annotation names its code or <c>*</c>.</summary>
    public void Report(FindingCode code, string message)
    {
        if (!IsSuppressed(code.Code))
        {
            Findings.Add(new Finding(Document.Locate(Path), code.Severity, code.Code, Document.Kind, Document.Name, Path, message));
        }
    }

    /// <summary>Adds what the API server or Istio's webhook rejects; nothing when <paramref name="message"/> is null.</summary>
    public void Reject(string? message)
    {
        if (message is not null)
        {
            Report(ReaderCodes.Schema, message);
        }
    }

    /// <summary>Adds what Istio's webhook accepts with a warning.</summary>
    public void Warn(string message) => Report(AnalysisCodes.SchemaWarning, message);

    // What the API server rejects is no matter of opinion.
    private bool IsSuppressed(string code) =>
        code != ReaderCodes.Schema.Code && Metadata.Annotations(Document).TryGetValue(Suppress, out var codes)
        && codes.Split(',', StringSplitOptions.TrimEntries).Any(entry => entry == code || entry == "*");
}
