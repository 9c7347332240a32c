using System.Collections.Immutable;
using System.Globalization;

namespace Gateway.Clusters.Balancing;

/// <summary>
/// consistentHash with a ring: each host has points on it, the request goes to the host of the first point at or after its hash. When a
/// host comes or goes, most requests of the others stay where they are.
/// </summary>
/// <remarks>envoyproxy/envoy source/extensions/load_balancing_policies/ring_hash/ring_hash_lb.cc, which ports ketama.</remarks>
internal sealed class RingHashBalancer(ulong minimumRingSize) : LoadBalancer
{
    /// <summary>Envoy's default for the least number of points.</summary>
    public const ulong DefaultRingSize = 1024;

    /// <summary>Envoy's default for the largest number of points; Istio does not change it.</summary>
    public const ulong MaximumRingSize = 8 * 1024 * 1024;

    private volatile Ring _ring = new([], []);

    public override void Refresh(ImmutableArray<UpstreamHost> hosts) => _ring = Build(hosts, minimumRingSize);

    public override UpstreamHost? Pick(in HostChoice choice, int attempt, ulong hash)
    {
        var ring = _ring;
        // A host that was tried is left behind by going on along the ring, which may lead to it again.
        return ring.Hosts.Length == 0 ? null : ring.Hosts[(IndexOf(ring.Points, hash) + attempt) % ring.Hosts.Length];
    }

    private static Ring Build(ImmutableArray<UpstreamHost> hosts, ulong minimumRingSize)
    {
        if (hosts.IsEmpty)
        {
            return new Ring([], []);
        }

        // The least host gets a whole number of points, the others need not.
        var weights = HashWeights.Normalize(hosts);
        var least = weights.Min();
        var scale = Math.Min(Math.Ceiling(least * minimumRingSize) / least, MaximumRingSize);
        var points = new List<ulong>((int)Math.Ceiling(scale));
        var owners = new List<UpstreamHost>((int)Math.Ceiling(scale));
        var target = 0.0;
        Span<char> key = stackalloc char[512];
        for (var index = 0; index < hosts.Length; index++)
        {
            target += scale * weights[index];
            var name = HashWeights.KeyOf(hosts[index]);
            for (var point = 0; points.Count < target; point++)
            {
                points.Add(key.TryWrite(CultureInfo.InvariantCulture, $"{name}_{point}", out var length)
                    ? HashPolicy.HashOf(key[..length])
                    : HashPolicy.HashOf($"{name}_{point}"));
                owners.Add(hosts[index]);
            }
        }

        ulong[] sorted = [.. points];
        UpstreamHost[] sortedOwners = [.. owners];
        Array.Sort(sorted, sortedOwners);
        return new Ring(sorted, sortedOwners);
    }

    /// <summary>The first point at or after a hash; the first of all when there is none.</summary>
    private static int IndexOf(ulong[] points, ulong hash)
    {
        var (low, high) = (0, points.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (points[middle] < hash)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == points.Length ? 0 : low;
    }

    private sealed record Ring(ulong[] Points, UpstreamHost[] Hosts);
}
