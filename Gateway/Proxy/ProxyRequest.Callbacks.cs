using Gateway.Clusters;
using Gateway.Http1;
using Gateway.Policies;

namespace Gateway.Proxy;

/// <summary>What a request does for the filters that look at it, its own and those of the workload that it goes to.</summary>
internal sealed partial class ProxyRequest : IFilterCallbacks
{
    /// <summary>How many requests of filters led to this one; 0 for a client's.</summary>
    public int CallDepth { get; init; }

    string IFilterCallbacks.Protocol => Received.Protocol;

    bool IFilterCallbacks.HasBody =>
        Upgrade is null && Context.CanHaveBody();

    async ValueTask<BufferedBody> IFilterCallbacks.BufferBodyAsync(int enough, CancellationToken cancellationToken)
    {
        var bytes = await Body.BufferAsync(Context, enough, cancellationToken);
        return new BufferedBody(bytes, Body.IsComplete);
    }

    ValueTask<FilterCallResponse?> IFilterCallbacks.CallAsync(Cluster cluster, FilterCall call, CancellationToken cancellationToken) =>
        _calls.SendAsync(this, cluster, call, cancellationToken);
}
