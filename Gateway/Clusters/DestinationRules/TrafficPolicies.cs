using Istio.Networking;

namespace Gateway.Clusters.DestinationRules;

/// <summary>Which policy counts for a port of a host or of a subset.</summary>
/// <remarks>
/// istio/istio pilot/pkg/networking/util/util.go, GetPortLevelTrafficPolicy and MergeSubsetTrafficPolicy;
/// pilot/pkg/model/destination_rule.go, MergeTrafficPolicy.
/// </remarks>
internal static class TrafficPolicies
{
    /// <summary>
    /// The policy for a port: that of its portLevelSettings alone, with defaults for all that is not in it; else the whole one.
    /// </summary>
    public static TrafficPolicy? ForPort(TrafficPolicy? policy, int port) => Select(policy, port).Policy;

    /// <summary>
    /// The policy of a subset for a port: each field of the subset replaces the one above it whole. A subset with portLevelSettings for
    /// the port replaces balancing, pool, ejection and TLS even where it leaves them out.
    /// </summary>
    /// <param name="policy">What <see cref="ForPort"/> gives for the rule.</param>
    /// <param name="subset">The subset's policy.</param>
    /// <param name="port">The port.</param>
    public static TrafficPolicy? Merge(TrafficPolicy? policy, TrafficPolicy? subset, int port)
    {
        var (own, isOfPort) = Select(subset, port);
        if (own is null || policy is null)
        {
            return own ?? policy;
        }

        return new TrafficPolicy
        {
            ConnectionPool = isOfPort ? own.ConnectionPool : own.ConnectionPool ?? policy.ConnectionPool,
            OutlierDetection = isOfPort ? own.OutlierDetection : own.OutlierDetection ?? policy.OutlierDetection,
            LoadBalancer = isOfPort ? own.LoadBalancer : own.LoadBalancer ?? policy.LoadBalancer,
            Tls = isOfPort ? own.Tls : own.Tls ?? policy.Tls,
            Tunnel = own.Tunnel ?? policy.Tunnel,
            ProxyProtocol = own.ProxyProtocol ?? policy.ProxyProtocol,
            RetryBudget = own.RetryBudget ?? policy.RetryBudget,
        };
    }

    private static (TrafficPolicy? Policy, bool IsOfPort) Select(TrafficPolicy? policy, int port)
    {
        foreach (var setting in policy?.PortLevelSettings ?? default)
        {
            if (setting.Port?.Number == port)
            {
                return (new TrafficPolicy
                {
                    ConnectionPool = setting.ConnectionPool,
                    LoadBalancer = setting.LoadBalancer,
                    OutlierDetection = setting.OutlierDetection,
                    Tls = setting.Tls,
                }, true);
            }
        }

        return (policy, false);
    }
}
