using System.Collections.Immutable;

namespace Gateway.Clusters.Balancing;

/// <summary>
/// consistentHash with a Maglev table: the request's hash selects a slot, and the slots are dealt to the hosts in turns. A choice takes
/// the same time for any number of hosts, and shares are nearly even.
/// </summary>
/// <remarks>envoyproxy/envoy source/extensions/load_balancing_policies/maglev/maglev_lb.cc.</remarks>
internal sealed class MaglevBalancer(ulong tableSize) : LoadBalancer
{
    /// <summary>Envoy's default for the number of slots, a prime.</summary>
    public const ulong DefaultTableSize = 65537;

    /// <summary>The largest table that Envoy accepts.</summary>
    public const ulong MaximumTableSize = 5000011;

    private volatile UpstreamHost[] _table = [];

    public override void Refresh(ImmutableArray<UpstreamHost> hosts) => _table = Build(hosts, (int)tableSize);

    public override UpstreamHost? Pick(in HostChoice choice, int attempt, ulong hash)
    {
        var table = _table;
        if (table.Length == 0)
        {
            return null;
        }

        if (attempt > 0)
        {
            // A host that was tried is left behind by changing most bits of the hash.
            hash ^= ulong.MaxValue - (ulong)attempt + 1;
        }

        return table[hash % (ulong)table.Length];
    }

    private static UpstreamHost[] Build(ImmutableArray<UpstreamHost> hosts, int size)
    {
        if (hosts.IsEmpty)
        {
            return [];
        }

        var weights = HashWeights.Normalize(hosts);
        var most = weights.Max();
        // The order must not depend on the order in which hosts joined.
        var rows = hosts.Select((host, index) => new Row(host, weights[index], size))
            .OrderBy(row => HashWeights.KeyOf(row.Host), StringComparer.Ordinal).ToArray();
        return Deal(rows, most, size);
    }

    /// <summary>Deals the slots: each host in turn takes the next free one of its own order.</summary>
    private static UpstreamHost[] Deal(Row[] rows, double most, int size)
    {
        var table = new UpstreamHost[size];
        var filled = 0;
        for (uint round = 1; filled < size; round++)
        {
            for (var index = 0; index < rows.Length && filled < size; index++)
            {
                // The host of the largest weight takes a slot in every round, one of a third of it in every third.
                var row = rows[index];
                if (round * row.Weight < row.Target)
                {
                    continue;
                }

                row.Target += most;
                var slot = row.NextSlot();
                while (table[slot] is not null)
                {
                    slot = row.NextSlot();
                }

                table[slot] = row.Host;
                filled++;
            }
        }

        return table;
    }

    /// <summary>A host's own order of all slots.</summary>
    private sealed class Row
    {
        private readonly ulong _offset;
        private readonly ulong _skip;
        private readonly ulong _size;
        private ulong _next;

        public Row(UpstreamHost host, double weight, int size)
        {
            (Host, Weight, _size) = (host, weight, (ulong)size);
            var key = HashWeights.KeyOf(host);
            _offset = HashPolicy.HashOf(key) % _size;
            _skip = (HashPolicy.HashOf(key, seed: 1) % (_size - 1)) + 1;
        }

        public UpstreamHost Host { get; }

        public double Weight { get; }

        public double Target { get; set; }

        public int NextSlot() => (int)((_offset + (_skip * _next++)) % _size);
    }
}
