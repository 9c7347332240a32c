using Gateway.Policies;
using Gateway.Proxy;

namespace Gateway.Admin;

/// <summary>The places where policies are enforced, by the names that reports give them.</summary>
internal static class PolicyPlaces
{
    /// <summary>The places with their policies.</summary>
    public static IEnumerable<(string Place, PolicyChain Chain)> Of(ProxySet proxies) =>
    [
        .. proxies.Ports.OrderBy(pair => pair.Key).Select(pair => ($"gateway port {pair.Key}", pair.Value.Policies)),
        .. proxies.TlsPorts.OrderBy(pair => pair.Key)
            .SelectMany(pair => pair.Value.Select(server => ($"gateway port {pair.Key}", server.Chain.Policies))),
        .. proxies.Services.OrderBy(pair => pair.Key.Host, StringComparer.Ordinal)
            .Select(pair => ($"calls to {pair.Key.Host}:{pair.Key.Port}", pair.Value.Policies)),
        .. proxies.Inbound.Chains.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal)
            .Select(pair => ($"{pair.Key.Workload.Name}:{pair.Key.Port}", pair.Value)),
    ];
}
