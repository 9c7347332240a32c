using System.Collections.Immutable;
using Gateway.Clusters;
using Gateway.Clusters.Retries;

namespace Gateway.Routing;

/// <summary>Forwards a request to one of some destinations, drawn by weight.</summary>
internal sealed class ForwardAction
{
    private readonly int _total;

    /// <summary>Makes the action.</summary>
    /// <param name="clusters">The destinations with a weight above 0; at least one.</param>
    public ForwardAction(ImmutableArray<WeightedCluster> clusters)
    {
        Clusters = clusters;
        _total = clusters.Sum(cluster => cluster.Weight);
    }

    /// <summary>The destinations.</summary>
    public ImmutableArray<WeightedCluster> Clusters { get; }

    /// <summary>Changes of path and authority.</summary>
    public Rewrite? Rewrite { get; init; }

    /// <summary>Time for the whole request, retries included; null for none, which is Istio's default.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>When and how often a failed attempt is repeated.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    /// <summary>Destinations that get copies.</summary>
    public ImmutableArray<MirrorPolicy> Mirrors { get; init; } = [];

    /// <summary>
    /// The answer when the destination is no known cluster: 503 with flag NC, and 500 for an HTTPRoute, as the Gateway API asks.
    /// </summary>
    public int ClusterNotFoundStatus { get; init; } = StatusCodes.Status503ServiceUnavailable;

    /// <summary>Draws a destination.</summary>
    public WeightedCluster Choose(Random random)
    {
        if (Clusters.Length == 1)
        {
            return Clusters[0];
        }

        var drawn = random.Next(_total);
        foreach (var cluster in Clusters)
        {
            drawn -= cluster.Weight;
            if (drawn < 0)
            {
                return cluster;
            }
        }

        return Clusters[^1];
    }

    /// <summary>The share of a destination, from 0 to 1.</summary>
    public double Share(WeightedCluster cluster) => Clusters.Length == 1 ? 1 : (double)cluster.Weight / _total;
}

/// <summary>A destination and its share.</summary>
/// <param name="Key">The cluster.</param>
/// <param name="Weight">The share, relative to the sum of all weights.</param>
internal sealed record WeightedCluster(ClusterKey Key, int Weight)
{
    /// <summary>Changes of the request's headers for this destination.</summary>
    public HeaderOperations RequestHeaders { get; init; } = HeaderOperations.None;

    /// <summary>Changes of the headers of this destination's responses.</summary>
    public HeaderOperations ResponseHeaders { get; init; } = HeaderOperations.None;

    /// <summary>The authority for this destination, from its header operations; the rule's own goes before it.</summary>
    public string? HostRewrite { get; init; }
}

/// <summary>A destination that gets copies of requests; its answers are dropped.</summary>
/// <param name="Key">The cluster.</param>
/// <param name="Numerator">The share of requests to copy, in parts per <see cref="Denominator"/>.</param>
/// <param name="Denominator">100 or 1,000,000.</param>
internal sealed record MirrorPolicy(ClusterKey Key, int Numerator, int Denominator)
{
    /// <summary>Draws whether a request is copied.</summary>
    public bool IsDrawn(Random random) => Numerator >= Denominator || random.Next(Denominator) < Numerator;
}
