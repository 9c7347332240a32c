using Gateway.Policies.Cors;
using Gateway.Policies.Faults;

namespace Gateway.Policies;

/// <summary>The policies of one state of the mesh folder. Immutable.</summary>
internal sealed class PolicySet
{
    private readonly PolicyChain _routeOnly;

    internal PolicySet(TimeProvider time, Random random) => _routeOnly = new([new FaultFilter(time, random), CorsFilter.Instance]);

    /// <summary>The filters of a proxy: those of its namespace and of the root namespace whose selector or target it fits.</summary>
    public PolicyChain For(ProxyPlace place) => place.Listener == ListenerKind.SidecarInbound ? PolicyChain.Empty : _routeOnly;
}
