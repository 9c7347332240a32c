using System.Text.Json;
using Gateway.Policies.RateLimiting;
using Gateway.Proxy;

namespace Gateway.Admin;

/// <summary>
/// The local rate limits in force, each where it is enforced, with what is left in its bucket and what it has counted. Envoy tells the
/// counts by its statistics and what is left by response headers; here both can be looked at.
/// </summary>
internal static class RateLimitReport
{
    /// <summary>The report as JSON.</summary>
    public static void WriteJson(ProxySet proxies, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("local_rate_limits");
        foreach (var (place, chain) in PolicyPlaces.Of(proxies))
        {
            foreach (var filter in chain.Filters.OfType<RateLimitFilter>())
            {
                foreach (var (virtualHost, route, rate) in filter.Limits)
                {
                    Write(writer, place, filter.Source, string.Join('/', new[] { virtualHost, route }.Where(part => part.Length > 0)), rate);
                }
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string place, string source, string route, LocalRateLimiter rate)
    {
        var counts = rate.Counts;
        writer.WriteStartObject();
        writer.WriteString("place", place);
        writer.WriteString("source", source);
        writer.WriteString("route", route);
        if (rate.Limit.TokenBucket is { } bucket)
        {
            writer.WriteNumber("max_tokens", bucket.MaxTokens);
            writer.WriteString("fill_interval", bucket.FillInterval.Text);
        }

        if (rate.RemainingTokens is { } remaining)
        {
            writer.WriteNumber("remaining_tokens", remaining);
        }

        writer.WriteNumber("enabled", counts.Enabled);
        writer.WriteNumber("rate_limited", counts.RateLimited);
        writer.WriteNumber("enforced", counts.Enforced);
        writer.WriteEndObject();
    }
}
