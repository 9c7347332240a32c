using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Istio.Documents;

namespace Dashboard.Mesh;

/// <summary>
/// Writes a resource as the C# that declares it in an AppHost: the records of Istio.Networking and their neighbours, by their properties.
/// </summary>
internal static class CSharpWriter
{
    private const int Width = 4;

    /// <summary>Writes <c>mesh.WithResources(...)</c>; null for a kind that has no record.</summary>
    public static string? Write(ResourceDocument document)
    {
        if (document.Resource is not Resource resource)
        {
            return null;
        }

        var text = new StringBuilder("mesh.WithResources(");
        Append(text, resource, resource.GetType(), 0);
        return text.Append(");").ToString();
    }

    private static void Append(StringBuilder text, object value, Type declared, int depth)
    {
        switch (value)
        {
            case string literal:
                text.Append(Literal(literal));
                break;
            case Duration duration:
                text.Append("new(").Append(Literal(duration.Text)).Append(')');
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case SchemaObject record:
                AppendRecord(text, record, declared, depth);
                break;
            case IEnumerable items:
                AppendItems(text, items, depth);
                break;
            default:
                text.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void AppendRecord(StringBuilder text, SchemaObject record, Type declared, int depth)
    {
        // The type is named where C# cannot infer it: at the top and in lists.
        text.Append(depth == 0 || declared == typeof(object) ? $"new {record.GetType().Name}" : "new()");
        var members = record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(IsDeclared)
            .Select(property => (property, Value: property.GetValue(record)))
            .Where(member => IsSet(member.Value))
            .OrderBy(member => member.property.Name == "Metadata" ? 0 : 1)
            .ToList();
        if (members.Count == 0)
        {
            text.Append(depth == 0 || declared == typeof(object) ? "()" : "");
            return;
        }

        NewLine(text, depth).Append('{');
        foreach (var (property, value) in members)
        {
            NewLine(text, depth + 1).Append(property.Name).Append(" = ");
            Append(text, value!, property.PropertyType, depth + 1);
            text.Append(',');
        }

        NewLine(text, depth).Append('}');
    }

    private static void AppendItems(StringBuilder text, IEnumerable items, int depth)
    {
        var all = items.Cast<object>().ToList();
        var isSimple = all.All(item => item is string);
        text.Append('[');
        foreach (var (index, item) in all.Index())
        {
            if (isSimple)
            {
                text.Append(index > 0 ? ", " : "");
            }
            else
            {
                NewLine(text, depth + 1);
            }

            if (IsPair(item, out var key, out var value))
            {
                text.Append("new(").Append(Literal(key)).Append(", ");
                Append(text, value, typeof(object), depth + 1);
                text.Append(')');
            }
            else
            {
                Append(text, item, typeof(object), depth + 1);
            }

            text.Append(isSimple ? "" : ",");
        }

        (isSimple ? text : NewLine(text, depth)).Append(']');
    }

    private static bool IsPair(object item, out string key, out object value)
    {
        var type = item.GetType();
        var isPair = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);
        key = isPair ? (string)type.GetProperty("Key")!.GetValue(item)! : "";
        value = isPair ? type.GetProperty("Value")!.GetValue(item)! : item;
        return isPair;
    }

    private static bool IsDeclared(PropertyInfo property) =>
        property is { CanWrite: true } && property.Name is not (nameof(SchemaObject.UnknownFields) or "ApiVersion" or "Kind" or "Status")
        && (property.GetCustomAttribute<JsonIgnoreAttribute>() is null || property.Name is "Metadata" or "Spec");

    private static bool IsSet(object? value) => value switch
    {
        null => false,
        string or SchemaObject => true,
        Duration duration => !string.IsNullOrEmpty(duration.Text),
        IEnumerable items => items.Cast<object>().Any(),
        JsonElement => false,
        _ => true,
    };

    private static StringBuilder NewLine(StringBuilder text, int depth) => text.Append('\n').Append(' ', depth * Width);

    private static string Literal(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
