namespace Istio.Documents;

/// <summary>A stretch of a file that holds a document: where it begins, how long it is, and the number of its first line.</summary>
internal readonly record struct DocumentPart(int Start, int Length, int Line);

/// <summary>Divides a file into its documents before they are parsed.</summary>
internal static class DocumentParts
{
    /// <summary>So many documents in one file are worth several processors.</summary>
    public const int ManyDocuments = 100;

    /// <summary>
    /// The documents of a text. A line that begins with three dashes always begins one
    /// (https://yaml.org/spec/1.2.2/#914-explicit-documents); directives before it belong to it, and leave the text whole.
    /// </summary>
    public static IReadOnlyList<DocumentPart> Of(string text)
    {
        if (text.StartsWith('%') || text.Contains("\n%", StringComparison.Ordinal))
        {
            return [new DocumentPart(0, text.Length, 1)];
        }

        var parts = new List<DocumentPart>();
        var (start, line) = (0, 1);
        for (var next = NextMarker(text, 0); next >= 0; next = NextMarker(text, next))
        {
            parts.Add(new DocumentPart(start, next - start, line));
            line += text.AsSpan(start, next - start).Count('\n');
            start = next;
        }

        parts.Add(new DocumentPart(start, text.Length - start, line));
        return parts;
    }

    /// <summary>The next line after the one at <paramref name="from"/> that begins a document; -1 for none.</summary>
    private static int NextMarker(string text, int from)
    {
        while (true)
        {
            var at = text.AsSpan(from).IndexOf("\n---", StringComparison.Ordinal);
            if (at < 0)
            {
                return -1;
            }

            from += at + 1;
            if (from + 3 == text.Length || char.IsWhiteSpace(text[from + 3]))
            {
                return from;
            }
        }
    }
}

/// <summary>YamlDotNet refuses what YAML allows, and can read it in another spelling.</summary>
internal sealed class RepairableException : Exception;
