using System.Text.Json;
using System.Text.Json.Nodes;
using Istio.Documents;
using static Istio.Networking.EnvoyJson;

namespace Istio.Networking;

/// <summary>Reads and writes the descriptors of local rate limits, and the rules that make them.</summary>
/// <remarks>
/// https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/common/ratelimit/v3/ratelimit.proto;
/// https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto (RateLimit)
/// </remarks>
internal static class RateLimitDescriptorJson
{
    private static readonly HashSet<string> KnownOfRule = ["stage", "disable_key", "actions"];

    private static readonly HashSet<string> KnownOfMatch =
    [
        "name", "string_match", "present_match", "invert_match", "exact_match", "prefix_match", "suffix_match", "contains_match",
        "safe_regex_match",
    ];

    public static EquatableArray<RateLimitDescriptor> ReadDescriptors(JsonElement descriptors) =>
        [.. Items(descriptors).Select(descriptor => new RateLimitDescriptor(
            [.. Items(Member(descriptor, "entries")).Select(entry =>
                new RateLimitEntry(Text(Member(entry, "key")) ?? "", Text(Member(entry, "value")) ?? ""))],
            LocalRateLimitReader.ReadBucket(Member(descriptor, "token_bucket")) ?? new TokenBucket(0, 0, new Duration(""))))];

    public static EquatableArray<RateLimitRule> ReadRules(JsonElement rules) => [.. Items(rules).Select(ReadRule)];

    public static JsonArray WriteDescriptors(EquatableArray<RateLimitDescriptor> descriptors) =>
        [.. descriptors.Select(descriptor => new JsonObject
        {
            ["entries"] = new JsonArray([.. descriptor.Entries.Select(WriteEntry)]),
            ["token_bucket"] = LocalRateLimitExtensions.Bucket(descriptor.TokenBucket),
        })];

    public static JsonArray WriteRules(EquatableArray<RateLimitRule> rules) => [.. rules.Select(WriteRule)];

    private static RateLimitRule ReadRule(JsonElement rule)
    {
        var others = MemberNames(rule).Where(name => !KnownOfRule.Contains(name)).Select(name => new OtherRateLimitAction(name));
        return new RateLimitRule([.. Items(Member(rule, "actions")).Select(ReadAction), .. others])
        {
            Stage = (int)Math.Min(Number(Member(rule, "stage")) ?? 0, int.MaxValue),
            DisableKey = Text(Member(rule, "disable_key")) ?? "",
        };
    }

    private static RateLimitAction ReadAction(JsonElement action)
    {
        var name = MemberNames(action).FirstOrDefault() ?? "actions";
        var value = Member(action, name);
        var key = Text(Member(value, "descriptor_key"));
        return name switch
        {
            "generic_key" => new GenericKeyAction(Text(Member(value, "descriptor_value")) ?? "", NonEmpty(key) ?? "generic_key"),
            "request_headers" => new RequestHeaderAction(
                Text(Member(value, "header_name")) ?? "", key ?? "", Flag(Member(value, "skip_if_absent")) ?? false),
            "query_parameters" => new QueryParameterAction(
                Text(Member(value, "query_parameter_name")) ?? "", key ?? "", Flag(Member(value, "skip_if_absent")) ?? false),
            "remote_address" => new RemoteAddressAction(),
            "header_value_match" when !HasUnknownMatch(value) => new HeaderValueMatchAction(
                Text(Member(value, "descriptor_value")) ?? "", [.. Items(Member(value, "headers")).Select(ReadMatch)],
                Flag(Member(value, "expect_match")) ?? true, NonEmpty(key) ?? "header_match"),
            _ => new OtherRateLimitAction(name),
        };
    }

    private static bool HasUnknownMatch(JsonElement action) =>
        Items(Member(action, "headers")).SelectMany(MemberNames).Any(name => !KnownOfMatch.Contains(name));

    /// <summary>The members of HeaderMatcher before string_match took their place are still read.</summary>
    private static RateLimitHeaderMatch ReadMatch(JsonElement match)
    {
        var text = Member(match, "string_match");
        string? Either(string name) => Text(Member(text, name)) ?? Text(Member(match, $"{name}_match"));
        return new RateLimitHeaderMatch(Text(Member(match, "name")) ?? "")
        {
            Exact = Either("exact"),
            Prefix = Either("prefix"),
            Suffix = Either("suffix"),
            Contains = Either("contains"),
            Regex = Text(Member(Member(text, "safe_regex"), "regex")) ?? Text(Member(Member(match, "safe_regex_match"), "regex")),
            IgnoreCase = Flag(Member(text, "ignore_case")) ?? false,
            Present = Flag(Member(match, "present_match")),
            Invert = Flag(Member(match, "invert_match")) ?? false,
        };
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static JsonObject WriteEntry(RateLimitEntry entry)
    {
        var json = new JsonObject { ["key"] = entry.Key };
        AddText(json, "value", NonEmpty(entry.Value));
        return json;
    }

    private static JsonObject WriteRule(RateLimitRule rule)
    {
        var json = new JsonObject { ["actions"] = new JsonArray([.. rule.Actions.Select(WriteAction)]) };
        if (rule.Stage != 0)
        {
            json["stage"] = rule.Stage;
        }

        AddText(json, "disable_key", NonEmpty(rule.DisableKey));
        return json;
    }

    private static JsonObject WriteAction(RateLimitAction action) => action switch
    {
        GenericKeyAction generic => new()
        {
            ["generic_key"] = new JsonObject { ["descriptor_key"] = generic.Key, ["descriptor_value"] = generic.Value },
        },
        RequestHeaderAction header => new()
        {
            ["request_headers"] = new JsonObject
            {
                ["header_name"] = header.Header,
                ["descriptor_key"] = header.Key,
                ["skip_if_absent"] = header.SkipIfAbsent,
            },
        },
        QueryParameterAction query => new()
        {
            ["query_parameters"] = new JsonObject
            {
                ["query_parameter_name"] = query.Parameter,
                ["descriptor_key"] = query.Key,
                ["skip_if_absent"] = query.SkipIfAbsent,
            },
        },
        RemoteAddressAction => new() { ["remote_address"] = new JsonObject() },
        HeaderValueMatchAction match => new()
        {
            ["header_value_match"] = new JsonObject
            {
                ["descriptor_key"] = match.Key,
                ["descriptor_value"] = match.Value,
                ["expect_match"] = match.ExpectMatch,
                ["headers"] = new JsonArray([.. match.Headers.Select(WriteMatch)]),
            },
        },
        _ => throw new ArgumentException($"A rate limit cannot be written with {action}."),
    };

    private static JsonObject WriteMatch(RateLimitHeaderMatch match)
    {
        var json = new JsonObject { ["name"] = match.Name };
        var text = new JsonObject();
        AddText(text, "exact", match.Exact);
        AddText(text, "prefix", match.Prefix);
        AddText(text, "suffix", match.Suffix);
        AddText(text, "contains", match.Contains);
        if (match.Regex is { } regex)
        {
            text["safe_regex"] = new JsonObject { ["regex"] = regex };
        }

        if (text.Count > 0)
        {
            if (match.IgnoreCase)
            {
                text["ignore_case"] = true;
            }

            json["string_match"] = text;
        }
        else
        {
            json["present_match"] = match.Present ?? true;
        }

        if (match.Invert)
        {
            json["invert_match"] = true;
        }

        return json;
    }

    private static void AddText(JsonObject json, string name, string? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }
}
