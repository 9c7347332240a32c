using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;

namespace Dashboard.Otlp;

/// <summary>
/// OTLP's JSON: that of protocol buffers, except that the ids of traces and spans are hexadecimal and not base64, and that enums are
/// numbers. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
/// </summary>
internal static class OtlpJson
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));
    private static readonly string[] Ids = ["traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"];

    /// <summary>Reads a message.</summary>
    /// <exception cref="OtlpException">It is malformed.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> json)
        where T : IMessage<T>, new()
    {
        try
        {
            return Parser.Parse<T>(WithBase64Ids(json));
        }
        catch (Exception exception) when (exception is JsonException or InvalidProtocolBufferException or InvalidOperationException)
        {
            throw new OtlpException(OtlpFailure.Malformed, $"The body is no {typeof(T).Name}: {exception.Message}", exception);
        }
    }

    private static string WithBase64Ids(ReadOnlySpan<byte> json)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 256);
        using (var writer = new Utf8JsonWriter(output))
        {
            var reader = new Utf8JsonReader(json);
            var isId = false;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    isId = Ids.Contains(name);
                    writer.WritePropertyName(name);
                }
                else if (isId && reader.TokenType == JsonTokenType.String)
                {
                    writer.WriteStringValue(ToBase64(reader.GetString()!));
                    isId = false;
                }
                else
                {
                    Copy(ref reader, writer);
                    isId = false;
                }
            }
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(reader.GetString());
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan);
                break;
        }
    }

    private static string ToBase64(string hex)
    {
        try
        {
            return Convert.ToBase64String(Convert.FromHexString(hex));
        }
        catch (FormatException exception)
        {
            throw new OtlpException(OtlpFailure.Malformed, $"The id '{hex}' is not hexadecimal.", exception);
        }
    }
}
