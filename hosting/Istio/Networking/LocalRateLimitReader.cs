using System.Text.Json;
using Istio.Documents;
using static Istio.Networking.EnvoyJson;

namespace Istio.Networking;

/// <summary>
/// Reads the configuration of Envoy's local rate limit from a patch: as the typed message or wrapped in a TypedStruct (udpa or xds), for
/// the filter or for a route.
/// </summary>
internal static class LocalRateLimitReader
{
    private static readonly HashSet<string> Known =
    [
        "stat_prefix", "status", "token_bucket", "filter_enabled", "filter_enforced", "response_headers_to_add", "descriptors",
        "rate_limits", "always_consume_default_token_bucket", "enable_x_ratelimit_headers", "rate_limited_as_resource_exhausted",
        "request_headers_to_add_when_not_enforced", "max_dynamic_descriptors", "vh_rate_limits", "stage",
    ];

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

    /// <summary>The rules for descriptors that a patch gives to virtual hosts or routes.</summary>
    public static EquatableArray<RateLimitRule> ReadRules(string? applyTo, JsonElement value) => applyTo switch
    {
        PatchTarget.VirtualHost => ReadList(Member(value, "rate_limits"), RateLimitDescriptorJson.ReadRules),
        PatchTarget.HttpRoute => ReadList(Member(Member(value, "route"), "rate_limits"), RateLimitDescriptorJson.ReadRules),
        _ => default,
    };

    private static LocalRateLimit ReadConfiguration(JsonElement config) => new()
    {
        StatPrefix = Text(Member(config, "stat_prefix")) ?? "",
        TokenBucket = ReadBucket(Member(config, "token_bucket")),
        EnabledPercent = Percent(Member(Member(config, "filter_enabled"), "default_value")),
        EnforcedPercent = Percent(Member(Member(config, "filter_enforced"), "default_value")),
        Status = Number(Member(Member(config, "status"), "code")) is >= 400 and <= 599 and var code ? (int)code : 429,
        ResponseHeadersToAdd = ReadHeaders(Member(config, "response_headers_to_add")),
        RequestHeadersToAddWhenNotEnforced = ReadHeaders(Member(config, "request_headers_to_add_when_not_enforced")),
        Descriptors = ReadList(Member(config, "descriptors"), RateLimitDescriptorJson.ReadDescriptors),
        RateLimits = ReadList(Member(config, "rate_limits"), RateLimitDescriptorJson.ReadRules),
        MaxDynamicDescriptors = (int)Math.Min(Number(Member(config, "max_dynamic_descriptors")) ?? 20, int.MaxValue),
        AlwaysConsumesDefaultTokenBucket = Flag(Member(config, "always_consume_default_token_bucket")) ?? true,
        HasRateLimitHeaders = Text(Member(config, "enable_x_ratelimit_headers")) == "DRAFT_VERSION_03",
        IsResourceExhausted = Flag(Member(config, "rate_limited_as_resource_exhausted")) ?? false,
        VirtualHostRateLimits = Text(Member(config, "vh_rate_limits")) ?? "OVERRIDE",
        Stage = (int)Math.Min(Number(Member(config, "stage")) ?? 0, int.MaxValue),
        Others = ReadOthers(config),
    };

    /// <summary>The bucket; null when there is none.</summary>
    public static TokenBucket? ReadBucket(JsonElement bucket) =>
        bucket.ValueKind == JsonValueKind.Object
            ? new TokenBucket(
                (uint)(Number(Member(bucket, "max_tokens")) ?? 0), (uint)(Number(Member(bucket, "tokens_per_fill")) ?? 1),
                new Duration(Text(Member(bucket, "fill_interval")) ?? ""))
            : null;

    private static EquatableArray<RateLimitHeader> ReadHeaders(JsonElement headers) =>
        headers.ValueKind != JsonValueKind.Array
            ? default
            : [.. headers.EnumerateArray().Select(ReadHeader)];

    private static EquatableArray<string> ReadOthers(JsonElement config)
    {
        var others = MemberNames(config).Where(name => !Known.Contains(name)).ToArray();
        return others.Length == 0 ? default : [.. others];
    }

    private static EquatableArray<T> ReadList<T>(JsonElement list, Func<JsonElement, EquatableArray<T>> read) =>
        list.ValueKind == JsonValueKind.Array ? read(list) : default;

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
}
