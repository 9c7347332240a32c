using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Clusters;
using Gateway.Proxy;

namespace Gateway.Admin;

/// <summary>
/// The clusters with their hosts: limits, health, ejections, counters. As Envoy's <c>/clusters</c>; each proxy that this process plays has
/// clusters of its own.
/// </summary>
internal static class ClusterReport
{
    /// <summary>The report as text.</summary>
    public static string Text(ProxySet proxies, TimeProvider time)
    {
        var text = new StringBuilder();
        foreach (var (client, clusters) in proxies.Clusters)
        {
            text.Append("# ").Append(NameOf(client)).Append('\n');
            foreach (var cluster in clusters.All.OrderBy(cluster => cluster.Name, StringComparer.Ordinal))
            {
                Append(text, cluster, time);
            }
        }

        return text.ToString();
    }

    /// <summary>The report as JSON.</summary>
    public static void WriteJson(ProxySet proxies, TimeProvider time, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("cluster_statuses");
        foreach (var (client, clusters) in proxies.Clusters)
        {
            foreach (var cluster in clusters.All.OrderBy(cluster => cluster.Name, StringComparer.Ordinal))
            {
                Write(writer, client, cluster, time);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary><c>gateway istio-system</c>, <c>sidecar default</c>.</summary>
    internal static string NameOf(ClusterClient client) => $"{(client.IsGateway ? "gateway" : "sidecar")} {client.Namespace}";

    private static void Append(StringBuilder text, Cluster cluster, TimeProvider time)
    {
        void Line(string name, object? value) =>
            text.Append(cluster.Name).Append("::").Append(name).Append("::").AppendFormat(CultureInfo.InvariantCulture, "{0}\n", value);
        Line("observability_name", cluster.Name);
        var limits = cluster.Settings.Limits;
        Line("default_priority::max_connections", limits.MaxConnections);
        Line("default_priority::max_pending_requests", limits.MaxPendingRequests);
        Line("default_priority::max_requests", limits.MaxRequests);
        Line("default_priority::max_retries", limits.MaxRetries);
        Line("source", cluster.Source);
        foreach (var host in cluster.Hosts)
        {
            void HostLine(string name, object? value) => Line($"{host.Endpoint.Authority}::{name}", value);
            HostLine("cx_connect_fail", host.ConnectFailures);
            HostLine("rq_active", host.ActiveRequests);
            HostLine("rq_error", host.FailedRequests);
            HostLine("rq_success", host.TotalRequests - host.ActiveRequests - host.FailedRequests);
            HostLine("rq_total", host.TotalRequests);
            HostLine("hostname", host.Source.Workload.Name);
            HostLine("health_flags", host.IsEjected ? "/failed_outlier_check" : "healthy");
            if (Remaining(cluster, host, time) is { } remaining)
            {
                HostLine("ejected_for", $"{remaining.TotalSeconds:0.0}s");
            }

            HostLine("weight", host.Weight);
        }
    }

    private static void Write(Utf8JsonWriter writer, ClusterClient client, Cluster cluster, TimeProvider time)
    {
        writer.WriteStartObject();
        writer.WriteString("name", cluster.Name);
        writer.WriteString("proxy", NameOf(client));
        writer.WriteString("source", cluster.Source);
        writer.WriteStartObject("circuit_breakers");
        writer.WriteNumber("active_connections", cluster.Limits.Connections.Count);
        writer.WriteNumber("pending_requests", cluster.Limits.PendingRequests.Count);
        writer.WriteNumber("active_requests", cluster.Limits.Requests.Count);
        writer.WriteNumber("active_retries", cluster.Limits.Retries.Count);
        writer.WriteEndObject();
        writer.WriteNumber("ejected", cluster.EjectedCount);
        writer.WriteNumber("refused_ejections", cluster.RefusedEjections);
        writer.WriteStartArray("host_statuses");
        foreach (var host in cluster.Hosts)
        {
            Write(writer, cluster, host, time);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Cluster cluster, UpstreamHost host, TimeProvider time)
    {
        writer.WriteStartObject();
        writer.WriteString("address", host.Endpoint.Authority);
        writer.WriteString("workload", host.Source.Workload.Name.Length == 0 ? null : host.Source.Workload.ToString());
        writer.WriteBoolean("ejected", host.IsEjected);
        if (Remaining(cluster, host, time) is { } remaining)
        {
            writer.WriteNumber("ejected_for_seconds", Math.Round(remaining.TotalSeconds, 1));
        }

        writer.WriteNumber("consecutive_5xx", host.Monitor?.Consecutive5xx ?? 0);
        writer.WriteNumber("ejections", host.Monitor?.Ejections ?? 0);
        writer.WriteNumber("weight", host.Weight);
        writer.WriteNumber("rq_active", host.ActiveRequests);
        writer.WriteNumber("rq_total", host.TotalRequests);
        writer.WriteNumber("rq_error", host.FailedRequests);
        writer.WriteNumber("cx_connect_fail", host.ConnectFailures);
        writer.WriteEndObject();
    }

    /// <summary>
    /// How long an ejection still lasts at least: hosts come back at the sweep that follows. Null for a host that is not out.
    /// </summary>
    private static TimeSpan? Remaining(Cluster cluster, UpstreamHost host, TimeProvider time)
    {
        if (host.Monitor is not { IsEjected: true, EjectedAt: { } since } monitor || cluster.Settings.Outliers is not { } settings)
        {
            return null;
        }

        var whole = settings.EjectionTime(monitor.Backoff);
        var left = whole - time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
