using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Gateway.Registry;

namespace Gateway.Clusters.Balancing;

/// <summary>
/// PASSTHROUGH, and ServiceEntries with resolution NONE or DYNAMIC_DNS: the address the caller asked for. A caller in a cluster connects
/// to that address and the proxy finds it in the connection; here it is the request's authority. A Kubernetes Service's virtual address
/// does not exist here: its endpoints are chosen at random, as the node's packet filter does.
/// </summary>
/// <remarks>envoyproxy/envoy source/extensions/clusters/original_dst/original_dst_cluster.cc.</remarks>
/// <param name="port">The port of an authority that names none.</param>
/// <param name="portOverride">The port that replaces the one asked for; 0 for none.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Chance.</param>
internal sealed class PassthroughBalancer(int port, int portOverride, TimeProvider time, Random random) : LoadBalancer
{
    // A caller that invents names must not fill the memory; Envoy forgets hosts that are not used within seconds.
    private const int MaxHosts = 1024;

    private readonly ConcurrentDictionary<string, UpstreamHost?> _byAuthority = new(StringComparer.OrdinalIgnoreCase);
    private volatile UpstreamHost[] _hosts = [];

    public override void Refresh(ImmutableArray<UpstreamHost> hosts) => _hosts = [.. hosts];

    public override UpstreamHost? Pick(in HostChoice choice, int attempt, ulong hash)
    {
        var hosts = _hosts;
        if (hosts.Length > 0)
        {
            return hosts[random.Next(hosts.Length)];
        }

        if (string.IsNullOrEmpty(choice.Authority))
        {
            return null;
        }

        if (_byAuthority.TryGetValue(choice.Authority, out var known))
        {
            return known;
        }

        if (_byAuthority.Count >= MaxHosts)
        {
            _byAuthority.Clear();
        }

        return _byAuthority.GetOrAdd(choice.Authority, Parse);
    }

    private UpstreamHost? Parse(string authority)
    {
        var (address, number) = (authority, port);
        var colon = authority.LastIndexOf(':');
        // One colon, or one after the bracket of an IPv6 address, begins a port.
        if (colon > authority.LastIndexOf(']') && colon >= 0 && (authority[0] == '[' || authority.IndexOf(':') == colon))
        {
            if (!int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number))
            {
                return null;
            }

            address = authority[..colon];
        }

        address = address.Trim('[', ']');
        number = portOverride > 0 ? portOverride : number;
        return address.Length == 0 || number is <= 0 or > 65535
            ? null
            : new UpstreamHost(new HostEndpoint(new ServiceEndpoint(address, number), default, 1, default), time.GetTimestamp());
    }
}
