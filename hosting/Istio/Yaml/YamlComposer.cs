using Istio.Documents;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Istio.Yaml;

/// <summary>
/// Turns the event stream of one text into <see cref="YamlNode"/> trees, one document at a time, within <see cref="ReaderLimits"/>.
/// YamlDotNet scans and parses; tags, anchors, merge keys, duplicate keys and limits are decided here.
/// </summary>
internal sealed class YamlComposer
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    private readonly Parser _parser;
    private readonly int _lineOffset;
    private readonly long _nodesLeft;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private readonly List<YamlReadException> _faults = [];
    private long _nodes;
    private long _text;
    private int _depth;

    /// <param name="text">The YAML text.</param>
    /// <param name="lineOffset">Lines of the file that stand before what <paramref name="text"/> gives.</param>
    /// <param name="nodesLeft">How many nodes the file may still have.</param>
    public YamlComposer(TextReader text, int lineOffset, long nodesLeft)
    {
        _parser = new Parser(new Scanner(text, skipComments: true));
        _lineOffset = lineOffset;
        _nodesLeft = nodesLeft;
    }

    /// <summary>Faults of the last document that do not stop the parser: duplicate keys, unknown tags.</summary>
    public IReadOnlyList<YamlReadException> Faults => _faults;

    /// <summary>Line of the last event, from 1, where the search for the next document starts after a fault.</summary>
    public int CurrentLine => Line(_parser.Current?.Start ?? Mark.Empty);

    /// <summary>Reads the next document; false at the end. An empty document gives a null <paramref name="root"/>.</summary>
    /// <exception cref="YamlReadException">The text breaks YAML's grammar or a limit.</exception>
    /// <exception cref="YamlException">The text breaks YAML's grammar.</exception>
    public bool TryReadDocument(out YamlNode? root)
    {
        root = null;
        while (MoveNext())
        {
            if (_parser.Current is DocumentStart)
            {
                _faults.Clear();
                _anchors.Clear();
                _nodes = _text = _depth = 0;
                MoveNext();
                root = ReadNode();
                if (root is YamlScalar { Kind: ScalarKind.Null })
                {
                    root = null;
                }

                return true;
            }
        }

        return false;
    }

    private YamlNode ReadNode()
    {
        switch (_parser.Current)
        {
            case AnchorAlias alias:
                return ReadAlias(alias);
            case Scalar scalar:
                return Anchored(scalar, ReadScalar(scalar));
            case SequenceStart start:
                Enter(start);
                var sequence = new YamlSequence(Line(start.Start), Column(start.Start));
                CheckCollectionTag(start, "seq");
                while (Next() is not SequenceEnd)
                {
                    sequence.Add(ReadNode());
                }

                return Leave(start, sequence);
            case MappingStart start:
                Enter(start);
                CheckCollectionTag(start, "map");
                return Leave(start, ReadMapping(start));
            default:
                throw Fault(ReaderCodes.Syntax, _parser.Current?.Start ?? Mark.Empty, "The document ends too early.");
        }
    }

    private YamlMapping ReadMapping(MappingStart start)
    {
        var mapping = new YamlMapping(Line(start.Start), Column(start.Start));
        List<YamlMapping>? merged = null;
        while (Next() is not MappingEnd)
        {
            var mark = _parser.Current!.Start;
            var isMerge = _parser.Current is Scalar { Style: ScalarStyle.Plain, Value: "<<", Tag.IsEmpty: true };
            var key = isMerge ? "<<" : ReadKey();
            Next();
            var value = ReadNode();
            if (isMerge)
            {
                (merged ??= []).AddRange(MergeSources(value, mark));
            }
            else if (mapping.Find(key) is { } first)
            {
                _faults.Add(Fault(ReaderCodes.DuplicateKey, mark,
                    $"The key \"{key}\" stands twice: first on line {first.Line}, again on line {Line(mark)}; remove one."));
            }
            else
            {
                mapping.Add(new YamlEntry(key, Line(mark), Column(mark), value));
            }
        }

        foreach (var entry in (merged ?? []).SelectMany(source => source.Entries))
        {
            if (mapping.Find(entry.Key) is null)
            {
                mapping.Add(entry);
            }
        }

        return mapping;
    }

    /// <summary>A key is text; numbers and booleans become their text, as in kubectl (<c>on:</c> is the key "true").</summary>
    private string ReadKey()
    {
        var mark = _parser.Current!.Start;
        if (ReadNode() is not YamlScalar { Kind: not ScalarKind.Null } scalar)
        {
            throw Fault(ReaderCodes.Key, mark, "A key must be text; this one is empty, a list or a mapping.");
        }

        return scalar.Text;
    }

    private IEnumerable<YamlMapping> MergeSources(YamlNode value, Mark mark)
    {
        var sources = value is YamlSequence sequence ? sequence.Items : [value];
        foreach (var source in sources)
        {
            yield return source as YamlMapping
                ?? throw Fault(ReaderCodes.Key, mark,
                    $"The merge key << takes a mapping or a list of mappings; this is {source.Description}.");
        }
    }

    private YamlNode ReadAlias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
        {
            throw Fault(ReaderCodes.Alias, alias.Start,
                $"The alias *{alias.Value.Value} has no anchor &{alias.Value.Value} before it in this document.");
        }

        if (node is null)
        {
            throw Fault(ReaderCodes.Alias, alias.Start,
                $"The alias *{alias.Value.Value} stands inside its own anchor, which would never end.");
        }

        Count(node.NodeCount, node.TextLength, alias.Start);
        return node;
    }

    private YamlScalar ReadScalar(Scalar scalar)
    {
        if (scalar.Value.Length > ReaderLimits.MaxScalarLength)
        {
            throw Fault(ReaderCodes.TooBig, scalar.Start,
                $"A text of {scalar.Value.Length:N0} characters is longer than the limit of {ReaderLimits.MaxScalarLength:N0}.");
        }

        Count(1, scalar.Value.Length, scalar.Start);
        var (kind, text) = Resolve(scalar);
        return new YamlScalar(kind, text, scalar.Value, Line(scalar.Start), Column(scalar.Start));
    }

    private (ScalarKind Kind, string Text) Resolve(Scalar scalar)
    {
        if (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)
        {
            if (scalar.Style != ScalarStyle.Plain || scalar.Tag.IsNonSpecific)
            {
                return (ScalarKind.String, scalar.Value);
            }

            return Representable(scalar, ScalarResolver.Resolve(scalar.Value));
        }

        var tag = scalar.Tag.Value;
        var type = tag.StartsWith(TagPrefix, StringComparison.Ordinal) ? tag[TagPrefix.Length..] : tag;
        if (type is "str" or "timestamp")
        {
            return (ScalarKind.String, scalar.Value);
        }

        var resolved = ScalarResolver.Resolve(scalar.Value);
        var fits = type switch
        {
            "null" => resolved.Kind == ScalarKind.Null,
            "bool" => resolved.Kind == ScalarKind.Boolean,
            "int" => resolved.Kind == ScalarKind.Integer,
            "float" => resolved.Kind is ScalarKind.Integer or ScalarKind.Float,
            _ => false,
        };
        if (!fits)
        {
            _faults.Add(Fault(ReaderCodes.Value, scalar.Start, type is "null" or "bool" or "int" or "float"
                ? $"\"{scalar.Value}\" is tagged !!{type} and is none."
                : $"The tag {tag} is not one that a Kubernetes resource may have; write the plain value."));
            return (ScalarKind.String, scalar.Value);
        }

        return Representable(scalar, resolved);
    }

    private (ScalarKind Kind, string Text) Representable(Scalar scalar, (ScalarKind Kind, string Json) resolved)
    {
        if (resolved is { Kind: ScalarKind.Float, Json: "" })
        {
            _faults.Add(Fault(ReaderCodes.Value, scalar.Start,
                $"{scalar.Value} has no place in a Kubernetes resource; write a finite number, or quote it to mean the text."));
            return (ScalarKind.String, scalar.Value);
        }

        return resolved;
    }

    private void CheckCollectionTag(NodeEvent start, string expected)
    {
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific && start.Tag.Value != TagPrefix + expected)
        {
            _faults.Add(Fault(ReaderCodes.Value, start.Start,
                $"The tag {start.Tag.Value} is not one that a Kubernetes resource may have; write the plain value."));
        }
    }

    private ParsingEvent Next()
    {
        if (!MoveNext())
        {
            throw Fault(ReaderCodes.Syntax, Mark.Empty, "The document ends too early.");
        }

        return _parser.Current!;
    }

    /// <summary>
    /// Some garbage brings YamlDotNet's scanner into a state that it does not expect itself; that is a fault of the text too.
    /// </summary>
    private bool MoveNext()
    {
        var last = _parser.Current?.End ?? Mark.Empty;
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception exception) when (
            exception is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            throw Fault(ReaderCodes.Syntax, last, "What follows here is not YAML.");
        }
    }

    private void Enter(NodeEvent start)
    {
        if (++_depth > ReaderLimits.MaxDepth)
        {
            throw Fault(ReaderCodes.TooDeep, start.Start, $"Lists and mappings are nested more than {ReaderLimits.MaxDepth} deep.");
        }

        Count(1, 0, start.Start);
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = null;
        }
    }

    private YamlNode Leave(NodeEvent start, YamlNode node)
    {
        _depth--;
        return Anchored(start, node);
    }

    private YamlNode Anchored(NodeEvent node, YamlNode value)
    {
        if (!node.Anchor.IsEmpty)
        {
            _anchors[node.Anchor.Value] = value;
        }

        return value;
    }

    private void Count(long nodes, long text, Mark mark)
    {
        _nodes += nodes;
        _text += text;
        if (_nodes > ReaderLimits.MaxDocumentNodes)
        {
            throw Fault(ReaderCodes.TooBig, mark,
                $"The document has more than {ReaderLimits.MaxDocumentNodes:N0} values, its aliases expanded.");
        }

        if (_text > ReaderLimits.MaxDocumentText)
        {
            throw Fault(ReaderCodes.TooBig, mark,
                $"The document has more than {ReaderLimits.MaxDocumentText:N0} characters, its aliases expanded.");
        }

        if (_nodes > _nodesLeft)
        {
            throw Fault(ReaderCodes.TooBig, mark,
                $"The file has more than {ReaderLimits.MaxFileNodes:N0} values, its aliases expanded; split it.");
        }
    }

    private YamlReadException Fault(FindingCode code, Mark mark, string message) => new(code.Code, Line(mark), Column(mark), message);

    // YamlDotNet counts lines and columns from 1.
    private int Line(Mark mark) => _lineOffset + (int)Math.Max(1, mark.Line);

    private static int Column(Mark mark) => (int)Math.Max(1, mark.Column);
}
