using System.Text.Json;
using Gateway.Policies.ExternalAuthorization;
using Gateway.Proxy;

namespace Gateway.Admin;

/// <summary>The external authorizers in force, each where it is asked, with Envoy's statistics <c>ext_authz</c> of that place.</summary>
internal static class ExternalAuthorizationReport
{
    /// <summary>The report as JSON.</summary>
    public static void WriteJson(ProxySet proxies, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("ext_authz");
        foreach (var (place, chain) in PolicyPlaces.Of(proxies))
        {
            foreach (var filter in chain.Filters.OfType<ExternalAuthorizationFilter>())
            {
                Write(writer, place, filter);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string place, ExternalAuthorizationFilter filter)
    {
        var (authorizer, counters) = (filter.Authorizer, filter.Counters);
        writer.WriteStartObject();
        writer.WriteString("place", place);
        writer.WriteString("provider", authorizer.Name);
        writer.WriteString("kind", authorizer.Kind);
        writer.WriteString("cluster", authorizer.Cluster.ToString());
        writer.WriteNumber("ok", counters.Allowed);
        writer.WriteNumber("denied", counters.Denied);
        writer.WriteNumber("error", counters.Failed);
        writer.WriteNumber("failure_mode_allowed", counters.FailureModeAllowed);
        writer.WriteNumber("disabled", counters.Disabled);
        writer.WriteEndObject();
    }
}
