using Gateway.Requests;

namespace Gateway.Policies;

/// <summary>A filter that sees a request before the router does.</summary>
internal abstract class PolicyFilter
{
    /// <summary>Looks at a request; completes at once unless it must wait (for keys from the network, for a fault's delay).</summary>
    /// <returns>An answer to send instead of forwarding, or null to go on.</returns>
    public abstract ValueTask<LocalReply?> EvaluateAsync(PolicyContext context, CancellationToken cancellationToken);
}
