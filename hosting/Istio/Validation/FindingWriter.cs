using System.Text.Encodings.Web;
using System.Text.Json;
using Istio.Documents;

namespace Istio.Validation;

/// <summary>Prints findings for people and for programs.</summary>
public static class FindingWriter
{
    private static readonly JsonWriterOptions JsonOptions =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One finding a line: <c>file:line: error|warning CODE kind/name field: message</c>.</summary>
    public static void WriteText(IEnumerable<Finding> findings, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(output);
        foreach (var finding in findings)
        {
            output.WriteLine(finding.ToString());
        }
    }

    /// <summary>An array of objects with file, line, severity, code, kind, name, field and message.</summary>
    public static void WriteJson(IEnumerable<Finding> findings, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(output);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartArray();
            foreach (var finding in findings)
            {
                json.WriteStartObject();
                json.WriteString("file", finding.Location.File);
                json.WriteNumber("line", finding.Location.Line);
                json.WriteString("severity", finding.Severity == Severity.Error ? "error" : "warning");
                json.WriteString("code", finding.Code);
                json.WriteString("kind", finding.Kind);
                json.WriteString("name", finding.Name);
                json.WriteString("field", finding.Field);
                json.WriteString("message", finding.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
