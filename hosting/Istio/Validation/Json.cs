using System.Text.Json;

namespace Istio.Validation;

/// <summary>Reads members of documents that have no type here.</summary>
internal static class Json
{
    /// <summary>Follows members of objects; false when one is missing or null.</summary>
    public static bool TryGet(JsonElement element, out JsonElement value, params ReadOnlySpan<string> path)
    {
        value = element;
        foreach (var member in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(member, out value)
                || value.ValueKind == JsonValueKind.Null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A text; null when it is missing or no text.</summary>
    public static string? Text(JsonElement element, params ReadOnlySpan<string> path) =>
        TryGet(element, out var value, path) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number; null when it is missing or no number.</summary>
    public static double? Number(JsonElement element, params ReadOnlySpan<string> path) =>
        TryGet(element, out var value, path) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    /// <summary>The items of a list; none when it is missing or no list.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement element, params ReadOnlySpan<string> path) =>
        TryGet(element, out var value, path) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : Enumerable.Empty<JsonElement>();

    /// <summary>A mapping of text to text; members that are no text are left out.</summary>
    public static IReadOnlyDictionary<string, string> Texts(JsonElement element, params ReadOnlySpan<string> path)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (TryGet(element, out var value, path) && value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.String)
                {
                    texts[member.Name] = member.Value.GetString()!;
                }
            }
        }

        return texts;
    }
}
