using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Clusters;
using Gateway.Mesh;
using Gateway.Metrics;

namespace Gateway.Admin;

/// <summary>The administration, as Envoy's: what is configured, how the clusters are, what was counted. For this machine only.</summary>
/// <remarks>https://www.envoyproxy.io/docs/envoy/latest/operations/admin</remarks>
internal sealed class AdminHandler
{
    private const string Json = "application/json";
    private const string Text = "text/plain; charset=UTF-8";

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    private readonly MeshState _mesh;
    private readonly IstioMetrics _istio;
    private readonly ClusterMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly long _started;

    /// <summary>Makes the handler.</summary>
    public AdminHandler(MeshState mesh, IstioMetrics istio, ClusterMetrics metrics, TimeProvider time)
    {
        (_mesh, _istio, _metrics, _time) = (mesh, istio, metrics, time);
        _started = time.GetTimestamp();
    }

    /// <summary>Answers a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } client || !IPAddress.IsLoopback(client))
        {
            return WriteAsync(context, StatusCodes.Status403Forbidden, Text, "The administration is for this machine only.\n"u8.ToArray());
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, Text, "Only GET changes nothing.\n"u8.ToArray());
        }

        var isJson = context.Request.Query["format"] == "json";
        return context.Request.Path.Value switch
        {
            "/ready" => WriteAsync(context, StatusCodes.Status200OK, Text, "LIVE\n"u8.ToArray()),
            "/server_info" => WriteJsonAsync(context, WriteServerInfo),
            "/config_dump" => WriteJsonAsync(context, writer => ConfigDump.Write(_mesh.Current.Proxies, writer)),
            "/clusters" when isJson => WriteJsonAsync(context, writer => ClusterReport.WriteJson(_mesh.Current.Proxies, _time, writer)),
            "/clusters" => WriteTextAsync(context, ClusterReport.Text(_mesh.Current.Proxies, _time)),
            "/ext_authz" => WriteJsonAsync(context, writer => ExternalAuthorizationReport.WriteJson(_mesh.Current.Proxies, writer)),
            "/rate_limits" => WriteJsonAsync(context, writer => RateLimitReport.WriteJson(_mesh.Current.Proxies, writer)),
            "/stats" => WriteTextAsync(context, StatsReport.Text(Prometheus())),
            "/stats/prometheus" => WriteAsync(context, StatusCodes.Status200OK, PrometheusText.ContentType, Prometheus()),
            "/" => WriteTextAsync(context, "/clusters\n/clusters?format=json\n/config_dump\n/ext_authz\n/rate_limits\n/ready\n/server_info\n/stats\n/stats/prometheus\n"),
            _ => WriteAsync(context, StatusCodes.Status404NotFound, Text, "There is no such page; / lists what there is.\n"u8.ToArray()),
        };
    }

    private byte[] Prometheus()
    {
        var output = new ArrayBufferWriter<byte>();
        _istio.Write(output);
        foreach (var clusters in Distinct())
        {
            _metrics.Write(clusters, output);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The clusters of all proxies that this process plays, once by name: statistics of clusters have no other label in Istio, where each
    /// proxy is a process.
    /// </summary>
    private IEnumerable<IReadOnlyCollection<Cluster>> Distinct()
    {
        yield return [.. _mesh.Current.Proxies.Clusters.SelectMany(pair => pair.Clusters.All).DistinctBy(cluster => cluster.Name)];
    }

    private void WriteServerInfo(Utf8JsonWriter writer)
    {
        var uptime = (long)_time.GetElapsedTime(_started).TotalSeconds;
        writer.WriteStartObject();
        writer.WriteString("version", typeof(AdminHandler).Assembly.GetName().Version?.ToString(3));
        writer.WriteString("state", "LIVE");
        writer.WriteString("uptime_current_epoch", $"{uptime}s");
        writer.WriteString("uptime_all_epochs", $"{uptime}s");
        writer.WriteStartObject("node");
        writer.WriteString("id", Environment.MachineName);
        writer.WriteNumber("pid", Environment.ProcessId);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static Task WriteJsonAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, Indented))
        {
            write(writer);
        }

        return WriteAsync(context, StatusCodes.Status200OK, Json, output.WrittenSpan.ToArray());
    }

    private static Task WriteTextAsync(HttpContext context, string text) =>
        WriteAsync(context, StatusCodes.Status200OK, Text, Encoding.UTF8.GetBytes(text));

    private static async Task WriteAsync(HttpContext context, int status, string type, byte[] body)
    {
        var response = context.Response;
        (response.StatusCode, response.ContentType, response.ContentLength) = (status, type, body.Length);
        response.Headers.CacheControl = "no-cache, max-age=0";
        response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
