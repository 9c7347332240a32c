using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Istio.Documents;

/// <summary>
/// A piece of JSON without a schema, such as Envoy configuration. Immutable; compares by content, whatever the order of keys.
/// </summary>
[JsonConverter(typeof(RawJsonConverter))]
public readonly struct RawJson : IEquatable<RawJson>
{
    private static readonly JsonElement Null = Parse("null").Element;

    private readonly JsonElement _element;

    /// <param name="element">The JSON; its document may be disposed afterwards.</param>
    public RawJson(JsonElement element) => _element = element.Clone();

    /// <summary>The JSON; null for the default value.</summary>
    public JsonElement Element => _element.ValueKind == JsonValueKind.Undefined ? Null : _element;

    /// <summary>Reads JSON text.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static RawJson Parse(string json)
    {
        using var document = JsonDocument.Parse(json, ResourceJson.DocumentOptions);
        return new RawJson(document.RootElement);
    }

    /// <summary>Copies a JSON node.</summary>
    public static RawJson FromNode(JsonNode? node) => Parse(node?.ToJsonString() ?? "null");

    /// <inheritdoc />
    public bool Equals(RawJson other) => JsonElement.DeepEquals(Element, other.Element);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is RawJson other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => (int)Element.ValueKind;

    /// <summary>True when both have equal content.</summary>
    public static bool operator ==(RawJson left, RawJson right) => left.Equals(right);

    /// <summary>True when the content differs.</summary>
    public static bool operator !=(RawJson left, RawJson right) => !left.Equals(right);

    /// <summary>The JSON text.</summary>
    public override string ToString() => Element.GetRawText();
}

/// <summary>Reads and writes any JSON.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new RawJson(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) => value.Element.WriteTo(writer);
}
