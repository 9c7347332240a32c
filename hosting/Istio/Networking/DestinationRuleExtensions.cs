using Istio.Documents;

namespace Istio.Networking;

/// <summary>
/// Writes a <see cref="DestinationRule"/> in C#. Each call returns a changed copy:
/// <code>
/// DestinationRule.For("ping").TrafficPolicy(p => p.RoundRobin().Eject(consecutive5xx: 3, maxEjectionPercent: 67))
///     .Subset("v1", ("version", "v1")).Subset("v2", [("version", "v2")], p => p.Random())
/// </code>
/// </summary>
public static class DestinationRuleExtensions
{
    extension(DestinationRule)
    {
        /// <summary>Policies for a service; the resource has the host's name until <c>Named</c> gives it another.</summary>
        public static DestinationRule For(string host) => new DestinationRule { Spec = new() { Host = host } }.Named(host);
    }

    /// <summary>Sets the policies for all subsets and ports.</summary>
    public static DestinationRule TrafficPolicy(this DestinationRule rule, Func<TrafficPolicy, TrafficPolicy> policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return rule with { Spec = rule.Spec with { TrafficPolicy = policy(rule.Spec.TrafficPolicy ?? new()) } };
    }

    /// <summary>Adds a subset: the endpoints that have all these labels.</summary>
    public static DestinationRule Subset(this DestinationRule rule, string name, params ReadOnlySpan<(string Key, string Value)> labels) =>
        rule.Subset(name, labels, null);

    /// <summary>Adds a subset with policies of its own, which replace the rule's field by field.</summary>
    public static DestinationRule Subset(
        this DestinationRule rule, string name, ReadOnlySpan<(string Key, string Value)> labels,
        Func<TrafficPolicy, TrafficPolicy>? policy) =>
        rule with
        {
            Spec = rule.Spec with
            {
                Subsets = rule.Spec.Subsets.Add(new()
                {
                    Name = name,
                    Labels = labels.IsEmpty ? default : ResourceExtensions.ToDictionary(labels),
                    TrafficPolicy = policy?.Invoke(new TrafficPolicy()),
                }),
            },
        };

    /// <summary>Adds namespaces that see the rule.</summary>
    public static DestinationRule ExportTo(this DestinationRule rule, params ReadOnlySpan<string> namespaces) =>
        rule with { Spec = rule.Spec with { ExportTo = rule.Spec.ExportTo.AddRange(namespaces) } };

    /// <summary>Each endpoint in turn.</summary>
    public static DestinationRule RoundRobin(this DestinationRule rule) => rule.TrafficPolicy(policy => policy.RoundRobin());

    /// <summary>Of two random endpoints, the one with fewer active requests; Istio's default.</summary>
    public static DestinationRule LeastRequest(this DestinationRule rule) => rule.TrafficPolicy(policy => policy.LeastRequest());

    /// <summary>A random endpoint.</summary>
    public static DestinationRule Random(this DestinationRule rule) => rule.TrafficPolicy(policy => policy.Random());

    /// <inheritdoc cref="TrafficPolicyExtensions.Eject" />
    public static DestinationRule Eject(
        this DestinationRule rule, int? consecutive5xx = null, int? consecutiveGatewayErrors = null, TimeSpan? interval = null,
        TimeSpan? baseEjectionTime = null, int? maxEjectionPercent = null, int? minHealthPercent = null) =>
        rule.TrafficPolicy(policy => policy.Eject(
            consecutive5xx, consecutiveGatewayErrors, interval, baseEjectionTime, maxEjectionPercent, minHealthPercent));

    /// <inheritdoc cref="TrafficPolicyExtensions.ConnectionPool" />
    public static DestinationRule ConnectionPool(
        this DestinationRule rule, int? maxConnections = null, TimeSpan? connectTimeout = null, int? http1MaxPendingRequests = null,
        int? http2MaxRequests = null, int? maxRequestsPerConnection = null, int? maxRetries = null, TimeSpan? idleTimeout = null) =>
        rule.TrafficPolicy(policy => policy.ConnectionPool(
            maxConnections, connectTimeout, http1MaxPendingRequests, http2MaxRequests, maxRequestsPerConnection, maxRetries, idleTimeout));
}
