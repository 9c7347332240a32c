using System.Text.Json.Nodes;
using Istio.Documents;

namespace Istio.Tests.Documents;

/// <summary>What a value may look like, read from a CRD's OpenAPI schema or from the C# types.</summary>
internal sealed record Shape(
    SchemaKind Kind, Func<IReadOnlyDictionary<string, Shape>> Members, Func<Shape>? Item, IReadOnlyList<string>? Words, decimal? Minimum, decimal? Maximum)
{
    public static Shape Of(Schema schema) => new(
        schema.Kind, () => schema.Members.ToDictionary(member => member.Key, member => Of(member.Value)), () => Of(schema.Item),
        schema.AllowedValues, schema.Minimum, schema.Maximum);

    public static Shape Of(JsonObject schema)
    {
        var words = (schema["enum"] as JsonArray)?.Select(word => word!.GetValue<string>()).ToArray();
        var kind = (string?)schema["type"] switch
        {
            _ when (bool?)schema["x-kubernetes-int-or-string"] == true => SchemaKind.IntOrString,
            "object" when schema["properties"] is JsonObject => SchemaKind.Object,
            "object" when schema["additionalProperties"] is JsonObject => SchemaKind.Map,
            "array" => SchemaKind.Array,
            "string" => SchemaKind.String,
            "integer" => SchemaKind.Integer,
            "number" => SchemaKind.Number,
            "boolean" => SchemaKind.Boolean,
            _ => SchemaKind.Any,
        };
        var (minimum, maximum) = Bounds(schema, kind);
        return new Shape(
            kind,
            () => ((schema["properties"] as JsonObject) ?? []).ToDictionary(member => member.Key, member => Of((JsonObject)member.Value!)),
            () => Of((JsonObject)(schema["items"] ?? schema["additionalProperties"])!), words, minimum, maximum);
    }

    private static (decimal? Minimum, decimal? Maximum) Bounds(JsonObject schema, SchemaKind kind)
    {
        var (minimum, maximum) = (Number(schema["minimum"]), Number(schema["maximum"]));
        return kind != SchemaKind.Integer ? (minimum, maximum)
            : (string?)schema["format"] == "int32" ? (minimum ?? int.MinValue, maximum ?? int.MaxValue)
            : (minimum ?? long.MinValue, maximum ?? (minimum == 0 ? ulong.MaxValue : long.MaxValue));
    }

    private static decimal? Number(JsonNode? node) => node is null ? null : decimal.Parse(node.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Random documents of a shape; the same seed gives the same documents.</summary>
internal sealed class DocumentGenerator(int seed)
{
    private static readonly string[] Texts =
    [
        "ping", "", " ", "on", "yes", "y", "N", "null", "~", "true", "0644", "1e3", "1_000", "0x1F", "12:30", "2001-12-14", ".5", "-", "- a", "a: b", "a #b", "#b",
        "*", "&a", "!t", "%d", "@x", "`x", "{a}", "[a]", "it's", "\"q\"", "back\\slash", "(?i)^/api/v1(/|$)(.*)$", "\\2", "two\nlines", "ends\n", "\nstarts", "  indented\nx\n",
        "trailing \nspace", "tab\there", "\r\n", "é", "日本", "😀", "\u0085", "\u2028", "<<", "=", "---", "...", "--- a", "a\n---\nb", "?", "? a", ":", "x:", "|", ">", "0", "+1", "0o17", "1.", "\u00a0",
    ];

    private readonly Random _random = new(seed);

    /// <summary>Paths at which a member was added that the shape does not know.</summary>
    public List<string> UnknownFields { get; } = [];

    public JsonObject Resource(string apiVersion, string kind, Shape spec, Shape? status)
    {
        var resource = new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = "generated", ["labels"] = new JsonObject { ["app.kubernetes.io/name"] = Text() } },
            ["spec"] = Value(spec, "spec", 0),
        };
        if (status is not null && _random.Next(4) == 0)
        {
            resource["status"] = Value(status, "status", 0);
        }

        return resource;
    }

    private JsonNode? Value(Shape shape, string path, int depth) => shape.Kind switch
    {
        SchemaKind.Object => Object(shape, path, depth),
        SchemaKind.Map => Map(shape, path, depth),
        SchemaKind.Array => new JsonArray([.. Enumerable.Range(0, _random.Next(3)).Select(i => Value(shape.Item!(), FieldPath.Item(path, i), depth + 1))]),
        SchemaKind.Boolean => _random.Next(2) == 0,
        SchemaKind.Integer => Integer(shape),
        SchemaKind.Number => JsonValue.Create((double)((shape.Minimum ?? -1000) + ((decimal)_random.NextDouble() * 100))),
        SchemaKind.IntOrString => _random.Next(2) == 0 ? JsonValue.Create(_random.Next()) : Text(),
        SchemaKind.Any => Any(0) ?? Text(),
        _ => shape.Words is { } words ? words[_random.Next(words.Count)] : Text(),
    };

    private JsonObject Object(Shape shape, string path, int depth)
    {
        var result = new JsonObject();
        foreach (var (name, member) in shape.Members())
        {
            if (_random.Next(depth < 3 ? 2 : 3) == 0)
            {
                result[name] = Value(member, FieldPath.Member(path, name), depth + 1);
            }
        }

        if (_random.Next(20) == 0)
        {
            result["xUnknown"] = Any(0);
            UnknownFields.Add(FieldPath.Member(path, "xUnknown"));
        }

        return result;
    }

    private JsonObject Map(Shape shape, string path, int depth)
    {
        var result = new JsonObject();
        for (var i = _random.Next(3); i > 0; i--)
        {
            var key = _random.Next(3) == 0 ? Text() : $"key-{_random.Next(100)}";
            result[key] = Value(shape.Item!(), FieldPath.Member(path, key), depth + 1);
        }

        return result;
    }

    private JsonNode? Any(int depth) => _random.Next(depth > 3 ? 5 : 7) switch
    {
        0 => null,
        1 => _random.Next(),
        2 => _random.NextDouble() * 1e6,
        3 => _random.Next(2) == 0,
        4 => Text(),
        5 => new JsonArray([.. Enumerable.Range(0, _random.Next(3)).Select(_ => Any(depth + 1))]),
        _ => new JsonObject(Enumerable.Range(0, _random.Next(3)).Select(i => KeyValuePair.Create($"m{i}", Any(depth + 1)))),
    };

    private JsonValue Integer(Shape shape)
    {
        var (minimum, maximum) = (shape.Minimum!.Value, shape.Maximum!.Value);
        var number = _random.Next(4) switch { 0 => minimum, 1 => maximum, 2 => Math.Clamp(0, minimum, maximum), _ => Math.Clamp(_random.Next(1000), minimum, maximum) };
        return number < 0 ? JsonValue.Create((long)number) : JsonValue.Create((ulong)number);
    }

    private string Text() => Texts[_random.Next(Texts.Length)];
}
