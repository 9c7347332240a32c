using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Istio.Yaml;

/// <summary>
/// Writes JSON as YAML in block style with two spaces, the form kubectl prints. Text that YAML 1.1 or 1.2 would read as something else is
/// quoted, text of several lines becomes a literal block.
/// </summary>
internal static class YamlWriter
{
    private static readonly EmitterSettings Settings = new(
        bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: true,
        indentSequences: false, newLine: "\n");

    private static readonly SearchValues<char> TimeCharacters = SearchValues.Create("0123456789:-.TtZz +");

    public static void Write(JsonNode node, TextWriter output)
    {
        var emitter = new Emitter(output, Settings);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(node, emitter);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    private static void Emit(JsonNode? node, Emitter emitter)
    {
        switch (node)
        {
            case JsonObject members:
                var mappingStyle = members.Count == 0 ? MappingStyle.Flow : MappingStyle.Block;
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, true, mappingStyle));
                foreach (var (key, value) in members)
                {
                    EmitString(key, emitter, isKey: true);
                    Emit(value, emitter);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                var sequenceStyle = items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block;
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, sequenceStyle));
                foreach (var item in items)
                {
                    Emit(item, emitter);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                EmitString(value.GetValue<string>(), emitter, isKey: false);
                break;
            default:
                emitter.Emit(new Scalar(node?.ToJsonString() ?? "null"));
                break;
        }
    }

    private static void EmitString(string text, Emitter emitter, bool isKey)
    {
        var style = text.Contains('\n', StringComparison.Ordinal) && !isKey && IsLiteral(text) ? ScalarStyle.Literal
            : text.AsSpan().ContainsAny('\n', '\r', '\t') || text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? ScalarStyle.DoubleQuoted
            : NeedsQuotes(text) ? ScalarStyle.SingleQuoted
            : ScalarStyle.Plain;
        var isPlain = style == ScalarStyle.Plain;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlain, !isPlain));
    }

    /// <summary>A literal block keeps text exactly only when no line is blank but for spaces and no character needs an escape.</summary>
    private static bool IsLiteral(string text)
    {
        if (text[0] is ' ' or '\n')
        {
            return false;
        }

        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.EndsWith(" ", StringComparison.Ordinal) || line.ContainsAnyExceptInRange(' ', '~'))
            {
                return false;
            }
        }

        return !text.Contains('\r', StringComparison.Ordinal);
    }

    private static bool NeedsQuotes(string text) =>
        ScalarResolver.Resolve(text).Kind != ScalarKind.String
        || text is "<<" or "="
        // Dates and base 60 numbers, which other readers of YAML 1.1 take for something else.
        || (char.IsAsciiDigit(text[0]) && text.AsSpan().ContainsAny(':', '-') && !text.AsSpan().ContainsAnyExcept(TimeCharacters))
        || text[0] is '+' or '.';
}
