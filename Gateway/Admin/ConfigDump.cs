using System.Text.Json;
using Gateway.Clusters;
using Gateway.Policies;
using Gateway.Proxy;
using Gateway.Routing;

namespace Gateway.Admin;

/// <summary>
/// What is in force, as it was compiled: listeners, routes, clusters, policies. Holds no secret: certificates and keys are not repeated,
/// and neither are tokens' key sets.
/// </summary>
internal static class ConfigDump
{
    /// <summary>Writes all of it.</summary>
    public static void Write(ProxySet proxies, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteListeners(proxies, writer);
        writer.WriteStartArray("routes");
        foreach (var table in proxies.Routes.Servers.Select(server => server.Routes).Concat(proxies.Services.Values.Select(chain => chain.Routes)).Distinct())
        {
            Write(table, writer);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("clusters");
        foreach (var (client, clusters) in proxies.Clusters)
        {
            foreach (var cluster in clusters.All.OrderBy(cluster => cluster.Name, StringComparer.Ordinal))
            {
                Write(client, cluster, writer);
            }
        }

        writer.WriteEndArray();
        writer.WriteStartArray("inbound");
        foreach (var ((workload, port), chain) in proxies.Inbound.Chains.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("workload", workload.ToString());
            writer.WriteNumber("port", port);
            WriteFilters(chain, writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteListeners(ProxySet proxies, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("listeners");
        foreach (var server in proxies.Routes.Servers)
        {
            writer.WriteStartObject();
            writer.WriteString("gateway", server.Gateway);
            writer.WriteNumber("port", server.Port);
            writer.WriteString("protocol", server.Protocol);
            WriteList(writer, "hosts", server.Hosts);
            writer.WriteString("route_config_name", server.Routes.Name);
            writer.WriteString("tls", server.Tls?.Mode);
            WriteList(writer, "secrets", server.Secrets.Select(secret => $"{secret.Namespace}/{secret.Name}"));
            if (proxies.Ports.TryGetValue(server.Port, out var chain))
            {
                WriteFilters(chain.Policies, writer);
            }

            writer.WriteEndObject();
        }

        foreach (var ((host, port), chain) in proxies.Services)
        {
            writer.WriteStartObject();
            writer.WriteString("service", host);
            writer.WriteNumber("port", port);
            writer.WriteString("route_config_name", chain.Routes.Name);
            WriteFilters(chain.Policies, writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(RouteTable table, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", table.Name);
        writer.WriteStartArray("virtual_hosts");
        foreach (var host in table.VirtualHosts)
        {
            writer.WriteStartObject();
            writer.WriteString("name", host.Name);
            WriteList(writer, "domains", host.Domains);
            writer.WriteBoolean("require_tls", host.RequiresTls);
            writer.WriteStartArray("routes");
            foreach (var route in host.Routes)
            {
                Write(route, writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Gateway.Routing.Route route, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", route.Name);
        writer.WriteString("source", route.Source.ToString());
        writer.WriteString("match", route.Matcher.ToString());
        writer.WriteBoolean("fault", route.Fault is not null);
        writer.WriteBoolean("cors", route.Cors is not null);
        if (route.Redirect is { } redirect)
        {
            writer.WriteNumber("redirect", redirect.Status);
        }

        if (route.DirectResponse is { } direct)
        {
            writer.WriteNumber("direct_response", direct.Status);
        }

        if (route.Forward is { } forward)
        {
            Write(forward, writer);
        }

        writer.WriteEndObject();
    }

    private static void Write(ForwardAction forward, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("weighted_clusters");
        foreach (var cluster in forward.Clusters)
        {
            writer.WriteStartObject();
            writer.WriteString("name", cluster.Key.ToString());
            writer.WriteNumber("weight", cluster.Weight);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("rewrite", forward.Rewrite?.ToString());
        writer.WriteString("authority", forward.Rewrite?.Authority);
        writer.WriteString("timeout", Text(forward.Timeout));
        writer.WriteStartObject("retry_policy");
        writer.WriteNumber("attempts", forward.Retry.Attempts);
        writer.WriteString("retry_on", forward.Retry.Conditions.ToString());
        WriteList(writer, "status_codes", forward.Retry.StatusCodes.Select(code => $"{code}"));
        writer.WriteString("per_try_timeout", Text(forward.Retry.PerTryTimeout));
        writer.WriteNumber("backoff_ms", forward.Retry.BackoffMilliseconds);
        writer.WriteEndObject();
        WriteList(writer, "mirrors", forward.Mirrors.Select(mirror => $"{mirror.Key} {mirror.Numerator}/{mirror.Denominator}"));
    }

    private static void Write(ClusterClient client, Cluster cluster, Utf8JsonWriter writer)
    {
        var settings = cluster.Settings;
        writer.WriteStartObject();
        writer.WriteString("name", cluster.Name);
        writer.WriteString("proxy", ClusterReport.NameOf(client));
        writer.WriteString("source", cluster.Source);
        writer.WriteString("protocol", settings.Protocol.ToString());
        writer.WriteString("lb_policy", settings.Balancer.Kind.ToString());
        writer.WriteString("hash", settings.Balancer.Hash?.ToString());
        writer.WriteString("tls", settings.Tls?.Mode);
        writer.WriteString("connect_timeout", Text(settings.Connections.ConnectTimeout));
        writer.WriteString("idle_timeout", Text(settings.Connections.IdleTimeout));
        writer.WriteNumber("max_requests_per_connection", settings.Connections.MaxRequestsPerConnection);
        writer.WriteNumber("max_concurrent_streams", settings.Connections.MaxConcurrentStreams);
        writer.WriteString("circuit_breakers", settings.Limits.ToString());
        writer.WriteString("outlier_detection", settings.Outliers?.ToString());
        WriteList(writer, "endpoints", cluster.Hosts.Select(host => host.Endpoint.Authority));
        writer.WriteEndObject();
    }

    private static void WriteFilters(PolicyChain chain, Utf8JsonWriter writer) =>
        WriteList(writer, "http_filters", chain.Filters.Select(filter => filter.GetType().Name));

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStringValue(item);
        }

        writer.WriteEndArray();
    }

    private static string? Text(TimeSpan? time) =>
        time is { } span ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###}s") : null;
}
