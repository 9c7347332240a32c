using System.Collections.Immutable;
using Gateway.Policies.Authorization;
using Gateway.Policies.Faults;
using Gateway.Policies.Jwt;
using Gateway.Policies.RateLimiting;

namespace Gateway.Policies;

/// <summary>The policies of one state of the mesh folder. Immutable.</summary>
internal sealed class PolicySet
{
    private readonly ImmutableArray<AuthorizationRules> _authorization;
    private readonly ImmutableArray<TokenRules> _tokens;
    private readonly EnvoyPatches _patches;
    private readonly LocalRateLimiters _limiters;
    private readonly Random _random;
    private readonly FaultFilter _fault;

    internal PolicySet(
        ImmutableArray<AuthorizationRules> authorization, ImmutableArray<TokenRules> tokens, EnvoyPatches patches,
        LocalRateLimiters limiters, TimeProvider time, Random random)
    {
        (_authorization, _tokens, _patches, _limiters, _random) = (authorization, tokens, patches, limiters, random);
        _fault = new FaultFilter(time, random);
    }

    /// <summary>The filters of a proxy: those of its namespace and of the root namespace whose selector or target it fits.</summary>
    public PolicyChain For(ProxyPlace place)
    {
        var patches = _patches.For(place).ToArray();
        return new FilterChainBuilder(_limiters, _random)
            .AddIstio(place.Listener, [.. _authorization.Where(policy => policy.Covers(place))], Providers(place), _fault)
            .Apply(patches, place)
            .Build();
    }

    /// <summary>In the order of their issuers, whatever policy they stand in.</summary>
    private ImmutableArray<JwtProvider> Providers(ProxyPlace place) =>
    [
        .. _tokens
            .Where(policy => policy.Covers(place))
            .SelectMany(policy => policy.Providers)
            .OrderBy(provider => provider.Issuer, StringComparer.Ordinal),
    ];
}
