using System.Collections.Immutable;
using Gateway.Clusters;
using Gateway.Policies.Authorization;
using Gateway.Policies.ExternalAuthorization;
using Gateway.Policies.Faults;
using Gateway.Policies.Jwt;
using Gateway.Policies.RateLimiting;
using Istio.Documents;

namespace Gateway.Policies;

/// <summary>The policies of one state of the mesh folder. Immutable.</summary>
internal sealed class PolicySet
{
    private readonly ImmutableArray<AuthorizationRules> _authorization;
    private readonly ImmutableArray<TokenRules> _tokens;
    private readonly ExternalAuthorizers _authorizers;
    private readonly KeptWhileInUse<(string Place, string Provider), AuthorizerCounters> _counters;
    private readonly EnvoyPatches _patches;
    private readonly LocalRateLimiters _limiters;
    private readonly Random _random;
    private readonly FaultFilter _fault;

    internal PolicySet(
        ImmutableArray<AuthorizationRules> authorization, ExternalAuthorizers authorizers, KeptWhileInUse<(string Place, string Provider), AuthorizerCounters> counters,
        ImmutableArray<TokenRules> tokens, EnvoyPatches patches, LocalRateLimiters limiters, TimeProvider time, Random random)
    {
        (_authorizers, _counters) = (authorizers, counters);
        (_authorization, _tokens, _patches, _limiters, _random) = (authorization, tokens, patches, limiters, random);
        _fault = new FaultFilter(time, random);
    }

    /// <summary>The filters of a proxy: those of its namespace and of the root namespace whose selector or target it fits.</summary>
    /// <param name="place">The proxy.</param>
    /// <param name="clusters">Its clusters, by which external authorizers are reached; null where nobody is asked.</param>
    public PolicyChain For(ProxyPlace place, ClusterSet? clusters = null)
    {
        var patches = _patches.For(place).ToArray();
        return new FilterChainBuilder(_limiters, _random)
            .AddIstio(place.Listener, Covering(place), Authorizer, Providers(place), _fault)
            .Apply(patches, place)
            .Build();

        ExternalAuthorizationFilter? Authorizer(string provider, IReadOnlyCollection<AuthorizationRules> policies) =>
            _authorizers.Find(provider) is not { } authorizer ? null
            : new ExternalAuthorizationFilter(
                authorizer, policies.SelectMany(policy => policy.Rules), clusters?.Find(authorizer.Cluster),
                _counters.Get(($"{place.Listener}:{place.Namespace}/{place.Name}:{place.Port}", provider), static () => new AuthorizerCounters()));
    }

    /// <summary>The clusters of the external authorizers that a proxy asks; none for most.</summary>
    public IEnumerable<ClusterKey> AuthorizersOf(ProxyPlace place) =>
        CustomPolicies.ByProvider(Covering(place)) is [var only] && _authorizers.Find(only.Provider) is { } authorizer
            ? [authorizer.Cluster] : [];

    /// <summary>Reports CUSTOM policies that deny at some proxies, because others there name another provider, or that cover who is asked.</summary>
    /// <param name="places">All proxies, with the services that they stand in front of.</param>
    /// <param name="findings">Receives them, each once.</param>
    public void Report(IEnumerable<(ProxyPlace Place, IEnumerable<ClusterKey> Services)> places, List<Finding> findings)
    {
        if (_authorization.Any(policy => policy.Provider.Length > 0))
        {
            CustomPolicies.Report(places.Select(at => (CustomPolicies.ByProvider(Covering(at.Place)), at.Services)), _authorizers, findings);
        }
    }

    private AuthorizationRules[] Covering(ProxyPlace place) => [.. _authorization.Where(policy => policy.Covers(place))];

    /// <summary>In the order of their issuers, whatever policy they stand in.</summary>
    private ImmutableArray<JwtProvider> Providers(ProxyPlace place) =>
    [
        .. _tokens
            .Where(policy => policy.Covers(place))
            .SelectMany(policy => policy.Providers)
            .OrderBy(provider => provider.Issuer, StringComparer.Ordinal),
    ];
}
