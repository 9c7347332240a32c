using System.Text.Json;
using Istio.Documents;
using Istio.Networking;

namespace Istio.Validation.Traps;

/// <summary>
/// Local rate limits in EnvoyFilters, which Envoy switches off or rejects without a word in the resource.
/// Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
/// </summary>
internal static class RateLimitTraps
{
    private const string Name = "local_ratelimit";
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);

    public static void Check(Mesh mesh)
    {
        foreach (var (document, filter) in mesh.Resources.OfType<EnvoyFilter>())
        {
            for (var i = 0; i < filter.Spec.ConfigPatches.Count; i++)
            {
                if (filter.Spec.ConfigPatches[i].Patch?.Value is { } value && value.ToString().Contains(Name, StringComparison.Ordinal))
                {
                    Search(mesh.At(document)["spec"]["configPatches"][i]["patch"]["value"], value.Element);
                }
            }
        }
    }

    /// <summary>The limit may stand in the filter, in a typed struct inside it, or in the configuration of a route.</summary>
    private static void Search(Place at, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
            {
                Search(at[index++], item);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (Member(element, "token_bucket") is { } bucket)
            {
                CheckLimit(at, element, bucket);
                return;
            }

            foreach (var member in element.EnumerateObject())
            {
                Search(at[member.Name], member.Value);
            }
        }
    }

    private static void CheckLimit(Place at, JsonElement limit, JsonProperty bucket)
    {
        foreach (var (name, effect) in new[] { ("filter_enabled", "no request is counted"), ("filter_enforced", "no request is refused") })
        {
            var member = Member(limit, name);
            if (Share(member) is null or 0)
            {
                (member is { } found ? at[found.Name] : at).Report(TrapCodes.RateLimitOff,
                    $"{name} {(member is null ? "is missing" : "is 0 %")}, so {effect}; set default_value: {{numerator: 100, denominator: "
                    + $"HUNDRED}}.");
            }
        }

        if (Member(limit, "stat_prefix")?.Value is not { ValueKind: JsonValueKind.String } prefix || prefix.GetString() is "")
        {
            at.Report(TrapCodes.RateLimitRejected,
                "stat_prefix is missing, and Envoy rejects the filter; add one, such as http_local_rate_limiter.");
        }

        CheckBucket(at[bucket.Name], bucket.Value);
    }

    private static void CheckBucket(Place at, JsonElement bucket)
    {
        if (Member(bucket, "max_tokens")?.Value is not { ValueKind: JsonValueKind.Number } tokens || tokens.GetDouble() < 1)
        {
            at.Report(TrapCodes.RateLimitRejected,
                "max_tokens is missing or 0, and Envoy rejects the bucket; write how many requests it holds.");
        }

        if (Member(bucket, "fill_interval") is not { } interval)
        {
            at.Report(TrapCodes.RateLimitRejected,
                "fill_interval is missing, and Envoy rejects the bucket; write how often it is filled, such as 1s.");
        }
        else if (interval.Value.ValueKind != JsonValueKind.String || !Duration.TryParse(interval.Value.GetString(), out var time))
        {
            at[interval.Name].Report(TrapCodes.RateLimitRejected,
                $"{interval.Value.GetRawText()} is not a duration; write seconds, such as 1s or 0.1s.");
        }
        else if (time < ShortestInterval)
        {
            at[interval.Name].Report(TrapCodes.RateLimitRejected,
                $"{interval.Value.GetString()} is below 50 ms, the shortest interval that Envoy accepts; fill more tokens less often.");
        }
    }

    /// <summary>The numerator of a share; its denominator does not matter here.</summary>
    private static double? Share(JsonProperty? share) =>
        share?.Value is { } value && Member(value, "default_value")?.Value is { } fraction
            && Member(fraction, "numerator")?.Value is { ValueKind: JsonValueKind.Number } numerator
            ? numerator.GetDouble() : null;

    /// <summary>A member in the spelling of Envoy's files (snake_case) or of JSON (camelCase).</summary>
    private static JsonProperty? Member(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var plain = name.Replace("_", "", StringComparison.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            if (member.Name == name || string.Equals(member.Name, plain, StringComparison.OrdinalIgnoreCase))
            {
                return member;
            }
        }

        return null;
    }
}
