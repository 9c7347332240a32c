namespace Gateway.Clusters;

/// <summary>What the choice of a host depends on besides the hosts: Envoy's load balancer context.</summary>
/// <param name="Hash">The request's hash by <see cref="Cluster.HashPolicy"/>; null without one, which makes the choice random.</param>
/// <param name="Avoid">On a retry: the hosts to avoid. Null on the first attempt, and when previous hosts are not avoided.</param>
/// <param name="Authority">The request's authority, for clusters that forward to the address the caller asked for.</param>
internal readonly record struct HostChoice(ulong? Hash = null, TriedHosts? Avoid = null, string? Authority = null);
