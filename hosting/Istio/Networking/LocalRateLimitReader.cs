using System.Globalization;
using System.Text.Json;
using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// Reads the configuration of Envoy's local rate limit from a patch: as the typed message or wrapped in a TypedStruct (udpa or xds), for
/// the filter or for a route. Envoy takes member names in snake_case and in camelCase.
/// </summary>
internal static class LocalRateLimitReader
{
    private static JsonElement Absent => default;

    /// <summary>The limit in a patch; null when there is none.</summary>
    public static LocalRateLimit? Read(string? applyTo, string? operation, JsonElement value)
    {
        var config = (applyTo, operation) switch
        {
            (_, PatchOperation.Remove) => Absent,
            (PatchTarget.HttpFilter, _) => Member(value, "typed_config"),
            (PatchTarget.VirtualHost or PatchTarget.HttpRoute, _) =>
                Member(Member(value, "typed_per_filter_config"), LocalRateLimit.FilterName),
            _ => Absent,
        };
        var type = Text(Member(config, "@type"));
        if (type is "type.googleapis.com/udpa.type.v1.TypedStruct" or "type.googleapis.com/xds.type.v3.TypedStruct")
        {
            type = Text(Member(config, "type_url"));
            config = Member(config, "value");
        }

        return type == LocalRateLimit.TypeUrl ? ReadConfiguration(config) : null;
    }

    private static LocalRateLimit ReadConfiguration(JsonElement config) => new()
    {
        StatPrefix = Text(Member(config, "stat_prefix")) ?? "",
        TokenBucket = ReadBucket(Member(config, "token_bucket")),
        EnabledPercent = Percent(Member(Member(config, "filter_enabled"), "default_value")),
        EnforcedPercent = Percent(Member(Member(config, "filter_enforced"), "default_value")),
        Status = Number(Member(Member(config, "status"), "code")) is >= 400 and <= 599 and var code ? (int)code : 429,
        ResponseHeadersToAdd = ReadHeaders(Member(config, "response_headers_to_add")),
    };

    private static TokenBucket? ReadBucket(JsonElement bucket) =>
        bucket.ValueKind == JsonValueKind.Object
            ? new TokenBucket(
                (uint)(Number(Member(bucket, "max_tokens")) ?? 0), (uint)(Number(Member(bucket, "tokens_per_fill")) ?? 1),
                new Duration(Text(Member(bucket, "fill_interval")) ?? ""))
            : null;

    private static EquatableArray<RateLimitHeader> ReadHeaders(JsonElement headers) =>
        headers.ValueKind != JsonValueKind.Array
            ? default
            : [.. headers.EnumerateArray().Select(ReadHeader)];

    private static RateLimitHeader ReadHeader(JsonElement option)
    {
        var header = Member(option, "header");
        return new RateLimitHeader(Text(Member(header, "key")) ?? "", Text(Member(header, "value")) ?? "", Appends(option));
    }

    /// <summary>append_action took the place of append; either may say it, and both default to appending.</summary>
    private static bool Appends(JsonElement header) =>
        Text(Member(header, "append_action")) is { } action
            ? action == "APPEND_IF_EXISTS_OR_ADD"
            : Member(header, "append").ValueKind != JsonValueKind.False;

    private static double Percent(JsonElement fraction)
    {
        var denominator = Text(Member(fraction, "denominator")) switch { "TEN_THOUSAND" => 10_000d, "MILLION" => 1_000_000d, _ => 100d };
        return Math.Min(100, (Number(Member(fraction, "numerator")) ?? 0) * 100d / denominator);
    }

    private static JsonElement Member(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return Absent;
        }

        return value.TryGetProperty(name, out var member) || value.TryGetProperty(CamelCase(name), out member) ? member : Absent;
    }

    private static string CamelCase(string name)
    {
        var words = name.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number from 0 to 2^32-1; protobuf's JSON also takes it as text.</summary>
    private static long? Number(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString(),
            _ => null
        };
        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
