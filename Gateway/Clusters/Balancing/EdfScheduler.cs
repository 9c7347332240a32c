namespace Gateway.Clusters.Balancing;

/// <summary>
/// Earliest deadline first: each host's next turn is 1/weight after its last one, so that hosts are picked in proportion to their weights
/// and smoothly. Not safe for several threads.
/// </summary>
/// <remarks>envoyproxy/envoy source/common/upstream/edf_scheduler.h.</remarks>
internal sealed class EdfScheduler
{
    // Envoy's limit for the picks that are emulated at the start: a tenth of 2^32.
    private const uint MaxPicks = 429496729;

    // Keeps weights that are multiples of each other from being picked in another order than without emulation.
    private const double Epsilon = 1e-13;

    private readonly PriorityQueue<UpstreamHost, (double Deadline, ulong Order)> _queue;
    private double _now;
    private ulong _order;

    private EdfScheduler(int capacity) => _queue = new PriorityQueue<UpstreamHost, (double Deadline, ulong Order)>(capacity + 1);

    /// <summary>
    /// Makes a scheduler in the state after a number of picks, so that proxies that start at one time do not all begin with one host.
    /// </summary>
    /// <param name="hosts">The hosts; at least one.</param>
    /// <param name="weigh">The weight of a host, more than 0.</param>
    /// <param name="picks">How many picks have been made.</param>
    public static EdfScheduler CreateWithPicks(IReadOnlyList<UpstreamHost> hosts, Func<UpstreamHost, double> weigh, uint picks)
    {
        picks %= MaxPicks;
        var scheduler = new EdfScheduler(hosts.Count);
        var weights = hosts.Select(host => weigh(host) + Epsilon).ToArray();
        var sum = weights.Sum();
        uint picked = 0;
        for (var index = 0; index < weights.Length; index++)
        {
            var weight = weights[index];
            var own = (uint)(weight * picks / sum);
            if (own > 0 && own / weight >= picks / sum)
            {
                // Floating point has rounded up.
                own--;
            }

            scheduler._queue.Enqueue(hosts[index], ((own + 1) / weight, scheduler._order++));
            scheduler._now = Math.Max(scheduler._now, own / weight);
            picked += own;
        }

        for (; picked < picks; picked++)
        {
            scheduler.Pick(weigh);
        }

        return scheduler;
    }

    /// <summary>Takes the host whose turn it is, and gives it its next one by the weight it has now.</summary>
    public UpstreamHost Pick(Func<UpstreamHost, double> weigh)
    {
        _queue.TryDequeue(out var host, out var turn);
        _now = turn.Deadline;
        _queue.Enqueue(host!, (_now + (1 / weigh(host!)), _order++));
        return host!;
    }
}
