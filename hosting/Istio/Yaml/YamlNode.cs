using System.Text.Json;
using Istio.Documents;

namespace Istio.Yaml;

/// <summary>
/// A value read from YAML that remembers where it stands. Aliases share the node of their anchor, so a document is a graph
/// without cycles; <see cref="NodeCount"/> and <see cref="TextLength"/> count what it would be when written out.
/// </summary>
internal abstract class YamlNode(int line, int column)
{
    /// <summary>Line, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>Column, from 1.</summary>
    public int Column { get; } = column;

    /// <summary>How many values this is, aliases expanded.</summary>
    public long NodeCount { get; protected set; } = 1;

    /// <summary>How many characters of text this holds, aliases expanded.</summary>
    public long TextLength { get; protected set; }

    /// <summary>Writes the value as JSON.</summary>
    public abstract void WriteTo(Utf8JsonWriter writer);

    /// <summary>What the value is, in the words of an error message.</summary>
    public abstract string Description { get; }
}

/// <summary>The JSON type that a scalar resolves to.</summary>
internal enum ScalarKind
{
    Null,
    Boolean,
    Integer,
    Float,
    String,
}

/// <summary>A scalar: its text and the JSON value that Kubernetes reads it as.</summary>
internal sealed class YamlScalar : YamlNode
{
    /// <param name="kind">The JSON type.</param>
    /// <param name="text">A string's value, or the JSON text of any other value.</param>
    /// <param name="source">The text as the file spells it.</param>
    /// <param name="line">Line, from 1.</param>
    /// <param name="column">Column, from 1.</param>
    public YamlScalar(ScalarKind kind, string text, string source, int line, int column)
        : base(line, column)
    {
        Kind = kind;
        Text = text;
        Source = source;
        TextLength = text.Length;
    }

    public ScalarKind Kind { get; }

    public string Text { get; }

    public string Source { get; }

    public override string Description => Kind switch
    {
        ScalarKind.Null => "empty (null)",
        ScalarKind.Boolean => $"the boolean {Shortened}",
        ScalarKind.Integer or ScalarKind.Float => $"the number {Shortened}",
        _ => $"the string \"{Shortened}\"",
    };

    private string Shortened => Source.Length <= 60 ? Source : string.Concat(Source.AsSpan(0, 57), "...");

    public override void WriteTo(Utf8JsonWriter writer)
    {
        if (Kind == ScalarKind.String)
        {
            writer.WriteStringValue(Text);
        }
        else
        {
            writer.WriteRawValue(Text, skipInputValidation: true);
        }
    }
}

/// <summary>A member of a mapping, with the position of its key.</summary>
internal readonly record struct YamlEntry(string Key, int Line, int Column, YamlNode Value);

/// <summary>A mapping; its keys are unique and in the order of the file, merged members last.</summary>
internal sealed class YamlMapping(int line, int column) : YamlNode(line, column)
{
    private const int IndexFrom = 8;

    private readonly List<YamlEntry> _entries = [];
    private Dictionary<string, int>? _index;

    public IReadOnlyList<YamlEntry> Entries => _entries;

    public override string Description => "a mapping";

    public YamlNode? this[string key] => Find(key)?.Value;

    public YamlEntry? Find(string key)
    {
        if (_index is not null)
        {
            return _index.TryGetValue(key, out var position) ? _entries[position] : null;
        }

        foreach (var entry in _entries)
        {
            if (entry.Key == key)
            {
                return entry;
            }
        }

        return null;
    }

    public void Add(YamlEntry entry)
    {
        _entries.Add(entry);
        NodeCount += entry.Value.NodeCount;
        TextLength += entry.Key.Length + entry.Value.TextLength;
        if (_entries.Count < IndexFrom)
        {
            return;
        }

        if (_index is null)
        {
            _index = [];
            for (var i = 0; i < _entries.Count - 1; i++)
            {
                _index.Add(_entries[i].Key, i);
            }
        }

        _index.Add(entry.Key, _entries.Count - 1);
    }

    public override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var entry in _entries)
        {
            writer.WritePropertyName(entry.Key);
            entry.Value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}

/// <summary>A sequence.</summary>
internal sealed class YamlSequence(int line, int column) : YamlNode(line, column)
{
    private readonly List<YamlNode> _items = [];

    public IReadOnlyList<YamlNode> Items => _items;

    public override string Description => "a list";

    public void Add(YamlNode item)
    {
        _items.Add(item);
        NodeCount += item.NodeCount;
        TextLength += item.TextLength;
    }

    public override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in _items)
        {
            item.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}

/// <summary>Why a document cannot be read; caught by the reader and turned into a finding.</summary>
internal sealed class YamlReadException(string code, int line, int column, string message) : Exception(message)
{
    public string Code { get; } = code;

    /// <summary>True when the text is YAML, but more of it than is read.</summary>
    public bool IsLimit => Code == ReaderCodes.TooDeep.Code || Code == ReaderCodes.TooBig.Code;

    public int Line { get; } = line;

    public int Column { get; } = column;
}
