using System.Globalization;
using System.Text.Json;

namespace Istio.Networking;

/// <summary>Reads Envoy's messages in protobuf's JSON: member names in snake_case or camelCase, numbers also as text.</summary>
internal static class EnvoyJson
{
    /// <summary>A member; absent when there is none.</summary>
    public static JsonElement Member(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return default;
        }

        return value.TryGetProperty(name, out var member) || value.TryGetProperty(CamelCase(name), out member) ? member : default;
    }

    /// <summary>The names of an object's members in snake_case, without <c>@type</c>.</summary>
    public static IEnumerable<string> MemberNames(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Where(member => !member.NameEquals("@type")).Select(member => SnakeCase(member.Name))
            : [];

    /// <summary>The items of a list; none when it is not a list.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    /// <summary>A text; null when it is none.</summary>
    public static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>True or false; null when it is neither.</summary>
    public static bool? Flag(JsonElement value) =>
        value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    /// <summary>A number from 0 to 2^32-1.</summary>
    public static long? Number(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString(),
            _ => null
        };
        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static string CamelCase(string name)
    {
        var words = name.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select(letter => char.IsAsciiLetterUpper(letter) ? $"_{char.ToLowerInvariant(letter)}" : letter.ToString()));
}
