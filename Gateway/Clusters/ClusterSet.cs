using System.Collections.Frozen;

namespace Gateway.Clusters;

/// <summary>The clusters of one snapshot of the configuration.</summary>
internal sealed class ClusterSet
{
    private readonly FrozenDictionary<ClusterKey, Cluster> _clusters;

    internal ClusterSet(IEnumerable<Cluster> clusters) => _clusters = clusters.ToFrozenDictionary(cluster => cluster.Key);

    /// <summary>No clusters.</summary>
    public static ClusterSet Empty { get; } = new([]);

    /// <summary>All clusters.</summary>
    public IReadOnlyCollection<Cluster> All => _clusters.Values;

    /// <summary>Finds a cluster; null means 503 with flag NC.</summary>
    public Cluster? Find(ClusterKey key) => _clusters.GetValueOrDefault(key);
}
