using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Istio.Documents;

/// <summary>A value that the schema allows to be a whole number or text.</summary>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString
{
    /// <summary>A number.</summary>
    public IntOrString(long number) => Number = number;

    /// <summary>A text.</summary>
    public IntOrString(string text) => Text = text;

    /// <summary>The number; null when the value is text.</summary>
    public long? Number { get; }

    /// <summary>The text; null when the value is a number.</summary>
    public string? Text { get; }

    /// <summary>The number or the text.</summary>
    public override string ToString() => Text ?? Number?.ToString(CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Reads and writes a JSON number or string.</summary>
internal sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? new IntOrString(reader.GetInt64()) : new IntOrString(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.Number is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(value.Text);
        }
    }
}
