using System.Globalization;
using Istio.Yaml;

namespace Istio.Documents;

/// <summary>
/// Compares a document with the schema of its type, so that every misfit is found with its position before the document is bound to the
/// type, which would stop at the first.
/// </summary>
internal sealed class SchemaCheck
{
    private readonly List<Step> _path = [];
    private readonly List<(string Field, int Line, int Column, string Message)> _misfits = [];
    private readonly List<string> _unknownFields = [];

    /// <summary>What does not fit, in the order of the document.</summary>
    public IReadOnlyList<(string Field, int Line, int Column, string Message)> Misfits => _misfits;

    /// <summary>Paths of members that the schema does not know.</summary>
    public IReadOnlyList<string> UnknownFields => _unknownFields;

    /// <summary>False when a value's type prevents binding; a word or number out of bounds does not.</summary>
    public bool CanBind { get; private set; } = true;

    /// <summary>Checks a document.</summary>
    public void Check(YamlMapping root, Schema schema) => Check(root, schema, root.Line, root.Column);

    private void Check(YamlNode node, Schema schema, int line, int column)
    {
        switch (schema.Kind)
        {
            case SchemaKind.Any:
                break;
            case var _ when IsNull(node):
                // A null member means an absent one.
                break;
            case SchemaKind.Object when node is YamlMapping mapping:
                CheckMembers(mapping, schema);
                break;
            case SchemaKind.Map when node is YamlMapping mapping:
                CheckCount(mapping.Entries.Count, schema, line, column);
                foreach (var entry in mapping.Entries)
                {
                    // A Go map of strings, such as labels, reads null as the empty string.
                    if (schema.Item.Kind != SchemaKind.String || !IsNull(entry.Value))
                    {
                        CheckItem(entry.Value, schema.Item, entry.Key, entry.Line, entry.Column);
                    }
                }

                break;
            case SchemaKind.Array when node is YamlSequence sequence:
                CheckCount(sequence.Items.Count, schema, line, column);
                for (var i = 0; i < sequence.Items.Count; i++)
                {
                    var item = sequence.Items[i];
                    CheckItem(item, schema.Item, i, item.Line, item.Column);
                }

                break;
            default:
                CheckScalar(node as YamlScalar, node, schema, line, column);
                break;
        }
    }

    private void CheckMembers(YamlMapping mapping, Schema schema)
    {
        foreach (var entry in mapping.Entries)
        {
            _path.Add(entry.Key);
            if (schema.Members.TryGetValue(entry.Key, out var member))
            {
                Check(entry.Value, member, entry.Line, entry.Column);
            }
            else
            {
                _unknownFields.Add(Path());
            }

            _path.RemoveAt(_path.Count - 1);
        }
    }

    private void CheckItem(YamlNode node, Schema schema, Step step, int line, int column)
    {
        _path.Add(step);
        if (IsNull(node) && schema.Kind != SchemaKind.Any)
        {
            Misfit(line, column, "is empty (null); give it a value or remove it.");
        }
        else
        {
            Check(node, schema, line, column);
        }

        _path.RemoveAt(_path.Count - 1);
    }

    private static bool IsNull(YamlNode node) => node is YamlScalar { Kind: ScalarKind.Null };

    /// <summary>The path of the current node, built only when something is to be said about it.</summary>
    private string Path()
    {
        var path = "";
        foreach (var step in _path)
        {
            path = step.Key is null ? FieldPath.Item(path, step.Index) : FieldPath.Member(path, step.Key);
        }

        return path;
    }

    private void CheckScalar(YamlScalar? scalar, YamlNode node, Schema schema, int line, int column)
    {
        var fits = (schema.Kind, scalar?.Kind) switch
        {
            (SchemaKind.String, ScalarKind.String) => schema.Type != typeof(DateTime) || IsTime(scalar!.Text),
            (SchemaKind.Boolean, ScalarKind.Boolean) => true,
            (SchemaKind.Integer, ScalarKind.Integer) => true,
            (SchemaKind.Integer, ScalarKind.Float) => !scalar!.Text.ContainsAny('.', 'E'),
            (SchemaKind.Number, ScalarKind.Integer or ScalarKind.Float) => true,
            (SchemaKind.IntOrString, ScalarKind.String) => true,
            (SchemaKind.IntOrString, ScalarKind.Integer) =>
                long.TryParse(scalar!.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            _ => false,
        };
        if (!fits)
        {
            Misfit(line, column, $"is {node.Description}; {Wanted(schema, scalar)}.");
            return;
        }

        CheckBounds(scalar!, schema, line, column);
    }

    private void CheckCount(int count, Schema schema, int line, int column)
    {
        if (count > schema.MaxLength)
        {
            _misfits.Add((Path(), line, column, $"has {count} entries; at most {schema.MaxLength} are allowed."));
        }
    }

    private void CheckBounds(YamlScalar scalar, Schema schema, int line, int column)
    {
        if (scalar.Text.Length > schema.MaxLength)
        {
            _misfits.Add((Path(), line, column, $"has {scalar.Text.Length} characters; at most {schema.MaxLength} are allowed."));
        }

        if (schema.AllowedValues is { } words && !words.Contains(scalar.Text))
        {
            _misfits.Add((Path(), line, column, $"is \"{scalar.Text}\"; it must be one of {string.Join(", ", words)}."));
        }
        else if (schema.Minimum is { } minimum && !IsWithin(scalar.Text, minimum, schema.Maximum))
        {
            CanBind &= schema.TypeBounds.Minimum is not { } least || IsWithin(scalar.Text, least, schema.TypeBounds.Maximum);
            var bounds = schema.Maximum is { } maximum
                ? string.Create(CultureInfo.InvariantCulture, $"from {minimum} to {maximum}")
                : string.Create(CultureInfo.InvariantCulture, $"of at least {minimum}");
            _misfits.Add((Path(), line, column, $"is {scalar.Source}; it must be a number {bounds}."));
        }
    }

    private void Misfit(int line, int column, string message)
    {
        CanBind = false;
        _misfits.Add((Path(), line, column, message));
    }

    private static string Wanted(Schema schema, YamlScalar? scalar) => schema.Kind switch
    {
        SchemaKind.Object or SchemaKind.Map => "it must be a mapping of keys and values",
        SchemaKind.Array => "it must be a list, each item after \"- \"",
        SchemaKind.Boolean => "it must be true or false, without quotes",
        SchemaKind.Integer => "it must be a whole number, without quotes",
        SchemaKind.Number => "it must be a number, without quotes",
        SchemaKind.IntOrString => "it must be a whole number or a string",
        _ when schema.Type == typeof(Duration) => scalar is { Kind: ScalarKind.Integer or ScalarKind.Float }
            ? $"it must be a duration with a unit, such as {scalar.Source}s"
            : "it must be a duration such as 5s or 100ms",
        _ when schema.Type == typeof(DateTime) => "it must be a time such as 2026-01-31T12:00:00Z",
        _ => scalar is null ? "it must be a string" : $"it must be a string: write \"{scalar.Source}\" in quotes",
    };

    /// <summary>RFC 3339, as Kubernetes writes times.</summary>
    private static bool IsTime(string text) =>
        text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _);

    private static bool IsWithin(string text, decimal minimum, decimal? maximum) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number >= minimum && !(number > maximum)
            : maximum is null && !text.StartsWith('-');

    /// <summary>A step of a path: a member's key or an item's index.</summary>
    private readonly record struct Step(string? Key, int Index)
    {
        public static implicit operator Step(string key) => new(key, 0);

        public static implicit operator Step(int index) => new(null, index);
    }
}
