using System.Text.Json;
using Dashboard.Resources;

namespace Dashboard.Traffic;

/// <summary>What a gateway says of one endpoint.</summary>
/// <param name="IsEjected">Whether outlier detection has taken it out.</param>
/// <param name="Remaining">How long that lasts at least, when the gateway says so; it ends with the sweep that follows.</param>
internal sealed record HostState(bool IsEjected, TimeSpan? Remaining);

/// <summary>A local rate limit where it is enforced.</summary>
/// <param name="Place">The proxy and its port.</param>
/// <param name="Source">The EnvoyFilter, and the route when it is the limit of one.</param>
/// <param name="MaxTokens">How many tokens the bucket holds; null when there is no bucket for all.</param>
/// <param name="Remaining">How many are left.</param>
/// <param name="Requests">How many requests it has looked at.</param>
/// <param name="Limited">How many of them found no token.</param>
/// <param name="Refused">How many of those were refused.</param>
internal sealed record RateLimitState(
    string Place, string Source, long? MaxTokens, long? Remaining, long Requests, long Limited, long Refused);

/// <summary>
/// Asks the gateways' admin surface which endpoints are ejected (<c>/clusters?format=json</c>, in the form of this repository's gateway or
/// in Envoy's, https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/clusters.proto) and how the rate limits are
/// (<c>/rate_limits</c>, this repository's gateway alone). One that does not answer says nothing.
/// </summary>
internal sealed class GatewayAdmin(ResourceStore resources, ILogger<GatewayAdmin> logger) : IDisposable
{
    private static readonly Action<ILogger, string, Exception?> NoAnswer = LoggerMessage.Define<string>(
        LogLevel.Debug, new EventId(1, "NoAnswer"), "The admin surface at {Url} does not answer.");

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(1) };

    /// <summary>The endpoints by address and port.</summary>
    public async Task<IReadOnlyDictionary<string, HostState>> ReadHostsAsync(CancellationToken cancellationToken)
    {
        var hosts = new Dictionary<string, HostState>(StringComparer.Ordinal);
        foreach (var admin in Surfaces)
        {
            foreach (var (address, state) in await ReadAsync(new Uri(admin, "/clusters?format=json"), HostsIn, cancellationToken))
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

    /// <summary>The local rate limits.</summary>
    public async Task<IReadOnlyList<RateLimitState>> ReadLimitsAsync(CancellationToken cancellationToken)
    {
        var limits = new List<RateLimitState>();
        foreach (var admin in Surfaces)
        {
            limits.AddRange(await ReadAsync(new Uri(admin, "/rate_limits"), LimitsIn, cancellationToken));
        }

        return limits;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private IEnumerable<Uri> Surfaces => resources.All.Where(Topology.IsGateway).Select(GatewayArguments.AdminOf).OfType<Uri>();

    private async Task<IReadOnlyList<T>> ReadAsync<T>(Uri url, Func<JsonElement, IEnumerable<T>> items, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await _client.GetStreamAsync(url, cancellationToken);
            using var answer = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
            return [.. items(answer.RootElement)];
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

    private static IEnumerable<RateLimitState> LimitsIn(JsonElement report) => Items(report, "local_rate_limits").Select(limit =>
        new RateLimitState(
            TextOf(limit, "place"),
            TextOf(limit, "route") is { Length: > 0 } route ? $"{TextOf(limit, "source")} ({route})" : TextOf(limit, "source"),
            NumberOf(limit, "max_tokens"),
            NumberOf(limit, "remaining_tokens"),
            NumberOf(limit, "enabled") ?? 0,
            NumberOf(limit, "rate_limited") ?? 0,
            NumberOf(limit, "enforced") ?? 0));

    private static string TextOf(JsonElement item, string name) => item.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "";

    private static long? NumberOf(JsonElement item, string name) => item.TryGetProperty(name, out var number) ? number.GetInt64() : null;

    private static string? AddressOf(JsonElement address) =>
        address.ValueKind == JsonValueKind.String ? address.GetString()
        : address.TryGetProperty("socket_address", out var socket)
            && socket.TryGetProperty("address", out var name) && socket.TryGetProperty("port_value", out var port)
            ? $"{name.GetString()}:{port.GetInt32()}"
        : null;

    private static List<JsonElement> Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? [.. items.EnumerateArray()] : [];
}
