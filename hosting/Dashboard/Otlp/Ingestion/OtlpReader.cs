using System.Globalization;
using System.Text;
using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
using Google.Protobuf.Collections;

namespace Dashboard.Otlp.Ingestion;

/// <summary>Reads what all signals share: the resource and attributes, cut to the limits.</summary>
internal sealed class OtlpReader(TelemetryStore store)
{
    private const string ServiceName = "service.name";
    private const string InstanceId = "service.instance.id";
    private const string UnknownService = "unknown_service"; // https://opentelemetry.io/docs/specs/semconv/resource/#service

    /// <summary>The store that is filled.</summary>
    public TelemetryStore Store { get; } = store;

    /// <summary>The resource of a message; null, and the records refused, when there are too many.</summary>
    public TelemetryResource? ResourceOf(Messages.Resource? message, long records, ExportResult result)
    {
        var attributes = Attributes(message?.Attributes);
        var name = attributes[ServiceName] is { Length: > 0 } given ? given : UnknownService;
        var resource = Store.Resources.GetOrAdd(name, attributes[InstanceId] ?? "", attributes);
        if (resource is null)
        {
            result.Reject(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"This dashboard keeps telemetry of {Store.Limits.Resources} resources; restart it to make room for '{name}'."),
                records);
        }

        return resource;
    }

    /// <summary>Attributes as texts; null values and what exceeds the limit are left out.</summary>
    public AttributeList Attributes(RepeatedField<KeyValue>? message)
    {
        if (message is null || message.Count == 0)
        {
            return AttributeList.Empty;
        }

        var items = new List<KeyValuePair<string, string>>(Math.Min(message.Count, Store.Limits.Attributes));
        foreach (var attribute in message)
        {
            if (items.Count == Store.Limits.Attributes)
            {
                break;
            }

            if (attribute.Key.Length > 0)
            {
                items.Add(new(Store.Texts.Intern(attribute.Key), Store.Texts.Intern(Text(attribute.Value))));
            }
        }

        return new AttributeList([.. items]);
    }

    /// <summary>A name that is likely to come again, in one copy.</summary>
    public string Name(string text) => Store.Texts.Intern(Cut(text));

    /// <summary>A value as text, cut to the limit.</summary>
    public string Text(AnyValue? value) => Cut(value is null ? "" : Format(value));

    /// <summary>A text, cut to the limit.</summary>
    public string Cut(string text) => text.Length <= Store.Limits.TextLength ? text : $"{text[..Store.Limits.TextLength]}…";

    private static string Format(AnyValue value) => value.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.BytesValue => value.BytesValue.ToBase64(),
        AnyValue.ValueOneofCase.ArrayValue or AnyValue.ValueOneofCase.KvlistValue => Append(new StringBuilder(), value).ToString(),
        _ => "",
    };

    private static StringBuilder Append(StringBuilder text, AnyValue value)
    {
        switch (value.ValueCase)
        {
            case AnyValue.ValueOneofCase.ArrayValue:
                text.Append('[');
                foreach (var (index, item) in value.ArrayValue.Values.Index())
                {
                    Append(index > 0 ? text.Append(", ") : text, item);
                }

                return text.Append(']');
            case AnyValue.ValueOneofCase.KvlistValue:
                text.Append('{');
                foreach (var (index, item) in value.KvlistValue.Values.Index())
                {
                    (index > 0 ? text.Append(", ") : text).Append(item.Key).Append(": ");
                    Append(text, item.Value ?? new AnyValue());
                }

                return text.Append('}');
            default:
                return text.Append(Format(value));
        }
    }
}
