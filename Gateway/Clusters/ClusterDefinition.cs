using System.Collections.Immutable;
using Gateway.Registry;

namespace Gateway.Clusters;

/// <summary>A cluster as the documents describe it, without any state.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Hosts">Its hosts, each endpoint once.</param>
/// <param name="Source">The DestinationRules that it comes from; empty without one.</param>
internal sealed record ClusterDefinition(ClusterKey Key, ClusterSettings Settings, ImmutableArray<HostEndpoint> Hosts, string Source);
