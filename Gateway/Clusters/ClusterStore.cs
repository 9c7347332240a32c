using System.Collections.Immutable;

namespace Gateway.Clusters;

/// <summary>
/// The clusters in force, over reloads: one whose settings did not change goes on with its state and takes the new hosts, as Envoy does
/// on an endpoint update; one whose settings changed is replaced, as on a cluster update.
/// </summary>
/// <remarks>
/// Used by one loader. <see cref="ClusterCompiler"/> changes nothing, so that documents with an error leave all as it is.
/// </remarks>
internal sealed class ClusterStore : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Lock _gate = new();
    private Dictionary<ClusterKey, Cluster> _clusters = [];

    /// <summary>Makes an empty store.</summary>
    /// <param name="time">The clock of its clusters.</param>
    /// <param name="random">The chance of its clusters; must be safe for several threads where these are used so.</param>
    public ClusterStore(TimeProvider time, Random random) => (_time, _random) = (time, random);

    /// <summary>Puts definitions in force.</summary>
    public ClusterSet Apply(ImmutableArray<ClusterDefinition> definitions)
    {
        lock (_gate)
        {
            var next = new Dictionary<ClusterKey, Cluster>(definitions.Length);
            foreach (var definition in definitions)
            {
                if (_clusters.TryGetValue(definition.Key, out var cluster) && cluster.Settings == definition.Settings)
                {
                    cluster.Update(definition);
                    _clusters.Remove(definition.Key);
                }
                else
                {
                    cluster = new Cluster(definition, _time, _random);
                }

                next.Add(definition.Key, cluster);
            }

            // What is left was replaced or is gone.
            DisposeAll();
            _clusters = next;
            return new ClusterSet(next.Values);
        }
    }

    /// <summary>Ends what the clusters do by themselves.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            DisposeAll();
            _clusters = [];
        }
    }

    private void DisposeAll()
    {
        foreach (var cluster in _clusters.Values)
        {
            cluster.Dispose();
        }
    }
}
