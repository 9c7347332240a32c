using System.Text.Json;
using Dashboard.Resources;

namespace Dashboard.Traffic;

/// <summary>What a gateway says of one endpoint.</summary>
/// <param name="IsEjected">Whether outlier detection has taken it out.</param>
/// <param name="Remaining">How long that lasts at least, when the gateway says so; it ends with the sweep that follows.</param>
internal sealed record HostState(bool IsEjected, TimeSpan? Remaining);

/// <summary>
/// Asks the gateways' admin surface, <c>/clusters?format=json</c>, which endpoints are ejected: in the form of this repository's gateway, or
/// in Envoy's (https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/clusters.proto). One that does not answer says nothing.
/// </summary>
internal sealed class GatewayHosts(ResourceStore resources, ILogger<GatewayHosts> logger) : IDisposable
{
    private static readonly Action<ILogger, string, Exception?> NoAnswer = LoggerMessage.Define<string>(
        LogLevel.Debug, new EventId(1, "NoAnswer"), "The admin surface at {Url} does not answer.");

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(1) };

    /// <summary>The endpoints by address and port.</summary>
    public async Task<IReadOnlyDictionary<string, HostState>> ReadAsync(CancellationToken cancellationToken)
    {
        var hosts = new Dictionary<string, HostState>(StringComparer.Ordinal);
        foreach (var admin in resources.All.Where(Topology.IsGateway).Select(GatewayArguments.AdminOf).OfType<Uri>())
        {
            foreach (var (address, state) in await ReadAsync(admin, cancellationToken))
            {
                // An endpoint may be in several clusters; that it is out of one is worth knowing.
                if (state.IsEjected || !hosts.ContainsKey(address))
                {
                    hosts[address] = state;
                }
            }
        }

        return hosts;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<IReadOnlyList<(string Address, HostState State)>> ReadAsync(Uri admin, CancellationToken cancellationToken)
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

    private static IEnumerable<(string Address, HostState State)> HostsIn(JsonElement clusters)
    {
        foreach (var host in Items(clusters, "cluster_statuses").SelectMany(cluster => Items(cluster, "host_statuses")))
        {
            if (host.TryGetProperty("address", out var address) && AddressOf(address) is { } text)
            {
                var isEjected = host.TryGetProperty("ejected", out var ejected)
                    ? ejected.ValueKind == JsonValueKind.True
                    : host.TryGetProperty("health_status", out var health)
                        && health.TryGetProperty("failed_outlier_check", out var failed) && failed.ValueKind == JsonValueKind.True;
                TimeSpan? remaining = host.TryGetProperty("ejected_for_seconds", out var seconds) ? TimeSpan.FromSeconds(seconds.GetDouble()) : null;
                yield return (text, new HostState(isEjected, remaining));
            }
        }
    }

    private static string? AddressOf(JsonElement address) =>
        address.ValueKind == JsonValueKind.String ? address.GetString()
        : address.TryGetProperty("socket_address", out var socket)
            && socket.TryGetProperty("address", out var name) && socket.TryGetProperty("port_value", out var port)
            ? $"{name.GetString()}:{port.GetInt32()}"
        : null;

    private static List<JsonElement> Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()] : [];
}
