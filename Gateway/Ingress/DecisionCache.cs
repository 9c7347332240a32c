namespace Gateway.Ingress;

/// <summary>
/// Remembers the decisions of recent requests, so that a repeated target costs neither parsing nor allocation. Bounded, lossy and
/// lock-free: a slot holds the last decision that fell on it. A new configuration comes with a new cache.
/// </summary>
internal sealed class DecisionCache
{
    private const int Slots = 1024;
    private const int LongestTarget = 512;

    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>The decision for a host and target, or null.</summary>
    public IngressDecision? Find(string host, string target)
    {
        var entry = Volatile.Read(ref _entries[Slot(host, target)]);
        return entry is not null && entry.Target == target && entry.Host == host ? entry.Decision : null;
    }

    /// <summary>Remembers a decision.</summary>
    public void Add(string host, string target, IngressDecision decision)
    {
        if (target.Length <= LongestTarget)
        {
            Volatile.Write(ref _entries[Slot(host, target)], new Entry(host, target, decision));
        }
    }

    private static int Slot(string host, string target) => (target.GetHashCode() ^ host.Length) & (Slots - 1);

    private sealed record Entry(string Host, string Target, IngressDecision Decision);
}
