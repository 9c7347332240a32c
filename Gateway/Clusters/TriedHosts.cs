namespace Gateway.Clusters;

/// <summary>
/// The hosts that earlier attempts of a request went to: Envoy's retry host predicate <c>previous_hosts</c>. Made on the first retry,
/// so that a request that succeeds at once needs none.
/// </summary>
/// <remarks>Source: envoyproxy/envoy source/extensions/retry/host/previous_hosts/previous_hosts.h: hosts are compared by address.</remarks>
/// <param name="maxReselections">How often a host that was tried is drawn again before it is taken nevertheless.</param>
internal sealed class TriedHosts(int maxReselections)
{
    private readonly List<UpstreamHost> _hosts = [];

    /// <summary>How often a host that was tried is drawn again before it is taken nevertheless.</summary>
    public int MaxReselections { get; } = maxReselections;

    /// <summary>Adds a host that an attempt went to.</summary>
    public void Add(UpstreamHost host) => _hosts.Add(host);

    /// <summary>True when an attempt went to this host.</summary>
    public bool Contains(UpstreamHost host)
    {
        foreach (var tried in _hosts)
        {
            if (ReferenceEquals(tried, host) || tried.Endpoint.Equals(host.Endpoint))
            {
                return true;
            }
        }

        return false;
    }
}
