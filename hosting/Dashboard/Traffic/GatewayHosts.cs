using System.Text.Json;
using Dashboard.Resources;

namespace Dashboard.Traffic;

/// <summary>What a gateway says of one endpoint.</summary>
/// <param name="IsEjected">Whether outlier detection has taken it out.</param>
/// <param name="Since">When that was first seen here; when it comes back is for the gateway's next sweep to say.</param>
internal sealed record HostState(bool IsEjected, DateTimeOffset? Since);

/// <summary>
/// Asks the gateways' admin surface which endpoints are ejected, in Envoy's format
/// (https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/clusters.proto). A gateway that has none, or does not answer, says nothing.
/// </summary>
internal sealed class GatewayHosts(ResourceStore resources, TimeProvider time, ILogger<GatewayHosts> logger) : IDisposable
{
    private static readonly Action<ILogger, string, Exception?> NoAnswer = LoggerMessage.Define<string>(
        LogLevel.Debug, new EventId(1, "NoAnswer"), "The admin surface at {Url} does not answer.");

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(1) };
    private IReadOnlyDictionary<string, HostState> _last = new Dictionary<string, HostState>();

    /// <summary>The endpoints by address and port.</summary>
    public async Task<IReadOnlyDictionary<string, HostState>> ReadAsync(CancellationToken cancellationToken)
    {
        var hosts = new Dictionary<string, HostState>(StringComparer.Ordinal);
        foreach (var admin in resources.All.Where(Topology.IsGateway).Select(GatewayArguments.AdminOf).OfType<Uri>())
        {
            foreach (var (address, isEjected) in await ReadAsync(admin, cancellationToken))
            {
                var wasEjected = _last.GetValueOrDefault(address) is { IsEjected: true } last ? last.Since : null;
                hosts[address] = isEjected ? new HostState(true, wasEjected ?? time.GetUtcNow()) : hosts.GetValueOrDefault(address) ?? new HostState(false, null);
            }
        }

        return _last = hosts;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<IReadOnlyList<(string Address, bool IsEjected)>> ReadAsync(Uri admin, CancellationToken cancellationToken)
    {
        var url = new Uri(admin, "/clusters?format=json");
        try
        {
            await using var stream = await _client.GetStreamAsync(url, cancellationToken);
            using var answer = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
            return [.. HostsIn(answer.RootElement)];
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or InvalidOperationException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            NoAnswer(logger, url.ToString(), exception);
            return [];
        }
    }

    private static IEnumerable<(string Address, bool IsEjected)> HostsIn(JsonElement clusters)
    {
        foreach (var host in Items(clusters, "cluster_statuses").SelectMany(cluster => Items(cluster, "host_statuses")))
        {
            if (host.TryGetProperty("address", out var address) && address.TryGetProperty("socket_address", out var socket)
                && socket.TryGetProperty("address", out var name) && socket.TryGetProperty("port_value", out var port))
            {
                var isEjected = host.TryGetProperty("health_status", out var health)
                    && health.TryGetProperty("failed_outlier_check", out var failed) && failed.ValueKind == JsonValueKind.True;
                yield return ($"{name.GetString()}:{port.GetInt32()}", isEjected);
            }
        }
    }

    private static List<JsonElement> Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()] : [];
}
