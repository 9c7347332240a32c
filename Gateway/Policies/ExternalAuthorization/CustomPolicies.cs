using Gateway.Clusters;
using Gateway.Policies.Authorization;
using Istio.Documents;
using Istio.Security;

namespace Gateway.Policies.ExternalAuthorization;

/// <summary>The CUSTOM policies at a proxy.</summary>
/// <remarks>Istio pilot/pkg/security/authz/builder/builder.go</remarks>
internal static class CustomPolicies
{
    /// <summary>The policies in force by the authorizer that they name, in the order of these names.</summary>
    public static IReadOnlyList<(string Provider, AuthorizationRules[] Policies)> ByProvider(IEnumerable<AuthorizationRules> policies) =>
    [
        .. policies.Where(policy => policy.Action == PolicyAction.Custom && !policy.IsDryRun)
            .GroupBy(policy => policy.Provider, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.ToArray())),
    ];

    /// <summary>Findings about policies whose authorizer cannot be asked.</summary>
    public static IEnumerable<Finding> WithoutAuthorizer(IEnumerable<AuthorizationRules> policies, ExternalAuthorizers authorizers) =>
        policies.Where(policy => policy.Action == PolicyAction.Custom && authorizers.Find(policy.Provider) is null)
            .Select(policy => policy.OfProvider(PolicyCodes.Custom,
                $"{authorizers.FaultOf(policy.Provider)}; requests that match the rules get 403"));

    /// <summary>Reports what only the policies of a proxy together show.</summary>
    /// <param name="proxies">The policies at each proxy, and the services that it stands in front of.</param>
    /// <param name="authorizers">The authorizers.</param>
    /// <param name="findings">Receives the findings, each once.</param>
    public static void Report(
        IEnumerable<(IReadOnlyList<(string Provider, AuthorizationRules[] Policies)> Custom, IEnumerable<ClusterKey> Services)> proxies,
        ExternalAuthorizers authorizers, List<Finding> findings)
    {
        var found = new HashSet<Finding>();
        foreach (var (custom, services) in proxies)
        {
            var names = string.Join(" and ", custom.Select(group => $"\"{group.Provider}\""));
            foreach (var policy in custom.Count > 1 ? custom.SelectMany(group => group.Policies) : [])
            {
                found.Add(policy.OfProvider(PolicyCodes.Custom,
                    $"the policies of one workload name {names}, and Istio asks one only; requests that match the rules get 403 there"));
            }

            if (custom is [var (provider, policies)] && authorizers.Find(provider) is { } authorizer && services.Contains(authorizer.Cluster))
            {
                found.UnionWith(policies.Select(policy => policy.OfProvider(PolicyCodes.Authorizer,
                    $"the policy covers the workload of \"{provider}\" itself, so that each check asks for another; give it a selector")));
            }
        }

        findings.AddRange(found);
    }
}
