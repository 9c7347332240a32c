using System.Globalization;
using System.Text.Json;
using Istio.Yaml;

namespace Istio.Documents;

/// <summary>
/// Builds the object of a YAML tree that fits its schema (see <see cref="SchemaCheck"/>), without the detour over JSON text. It sets
/// fields by reflection: code generated for each type would have to be compiled at each start, which costs a short command more time than
/// its work does.
/// </summary>
internal static class NodeBinder
{
    /// <summary>The object, list or value of a node; null for null.</summary>
    public static object? Bind(YamlNode node, Schema schema) => node switch
    {
        _ when schema.Kind == SchemaKind.Any => BindAny(node, schema.Type),
        YamlScalar { Kind: ScalarKind.Null } => null,
        YamlMapping mapping when schema.Kind == SchemaKind.Object => BindObject(mapping, schema),
        YamlMapping mapping when schema.Kind == SchemaKind.Map => BindMap(mapping, schema),
        YamlSequence sequence => BindArray(sequence, schema),
        YamlScalar scalar => BindScalar(scalar, schema),
        _ => throw new FormatException($"{node.Description} is no {schema.Type.Name}."),
    };

    private static object BindObject(YamlMapping mapping, Schema schema)
    {
        var instance = Activator.CreateInstance(schema.Type)!;
        foreach (var entry in mapping.Entries)
        {
            if (!schema.Members.TryGetValue(entry.Key, out var member))
            {
                if (instance is SchemaObject known)
                {
                    (known.Extension ??= [])[entry.Key] = ToElement(entry.Value);
                }
            }
            else if (Bind(entry.Value, member) is { } value)
            {
                schema.Set(instance, entry.Key, value);
            }
            else
            {
                (instance as SchemaObject)?.AddWrittenNull(entry.Key);
            }
        }

        return instance;
    }

    private static object BindArray(YamlSequence sequence, Schema schema)
    {
        var items = new object?[sequence.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = BindItem(sequence.Items[i], schema.Item);
        }

        return schema.Collections.List(items);
    }

    private static object BindMap(YamlMapping mapping, Schema schema)
    {
        var members = new KeyValuePair<string, object?>[mapping.Entries.Count];
        for (var i = 0; i < members.Length; i++)
        {
            var entry = mapping.Entries[i];
            members[i] = KeyValuePair.Create(entry.Key, BindItem(entry.Value, schema.Item));
        }

        return schema.Collections.Map(members);
    }

    private static object BindScalar(YamlScalar scalar, Schema schema)
    {
        var (text, type) = (scalar.Text, schema.Type);
        return schema.Kind switch
        {
            SchemaKind.String when type == typeof(Duration) => new Duration(text),
            SchemaKind.String when type == typeof(DateTime) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime,
            SchemaKind.String => text,
            SchemaKind.Boolean => text == "true",
            SchemaKind.Number => double.Parse(text, CultureInfo.InvariantCulture),
            SchemaKind.IntOrString when type == typeof(k8s.Models.IntOrString) => (k8s.Models.IntOrString)text,
            SchemaKind.IntOrString => scalar.Kind == ScalarKind.String
                ? new IntOrString(text)
                : new IntOrString(long.Parse(text, CultureInfo.InvariantCulture)),
            SchemaKind.Integer => Type.GetTypeCode(type) switch
            {
                TypeCode.Int32 => int.Parse(text, CultureInfo.InvariantCulture),
                TypeCode.UInt32 => uint.Parse(text, CultureInfo.InvariantCulture),
                TypeCode.UInt64 => ulong.Parse(text, CultureInfo.InvariantCulture),
                _ => (object)long.Parse(text, CultureInfo.InvariantCulture),
            },
            _ => throw new FormatException($"{scalar.Description} is no {type.Name}."),
        };
    }

    private static object? BindAny(YamlNode node, Type type) =>
        node is YamlScalar { Kind: ScalarKind.Null } ? null
        : type == typeof(RawJson) ? new RawJson(ToElement(node))
        : ToElement(node);

    /// <summary>What null means within a list or mapping: in a Go map of strings, such as labels, the empty string.</summary>
    private static object? BindItem(YamlNode node, Schema schema) =>
        Bind(node, schema) ?? (schema.Type == typeof(RawJson) ? (object)default(RawJson) : schema.Kind == SchemaKind.String ? "" : null);

    /// <summary>A YAML tree as JSON.</summary>
    public static JsonElement ToElement(YamlNode node) => JsonElement.Parse(ResourceJson.ToUtf8(node).Span, ResourceJson.DocumentOptions);
}
