using System.Collections.Immutable;
using Gateway.Mesh;
using Gateway.Policies.Authorization;
using Gateway.Policies.ExternalAuthorization;
using Gateway.Policies.Jwt;
using Gateway.Policies.RateLimiting;
using Gateway.Registry;
using Istio.Documents;
using Istio.Security;

namespace Gateway.Policies;

/// <summary>
/// Compiles RequestAuthentications, AuthorizationPolicies and the local rate limits of EnvoyFilters. One instance serves all reloads, one
/// after the other, and keeps what must outlive them: token buckets, fetched keys and verified tokens.
/// </summary>
internal sealed class PolicyCompiler : IDisposable
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly HttpMessageInvoker _keys;
    private readonly ILogger<PolicyCompiler> _logger;
    private readonly LocalRateLimiters _limiters;
    private readonly KeptWhileInUse<(string Place, string Provider), AuthorizerCounters> _counters = new();
    private readonly Dictionary<(string Issuer, string Url, TimeSpan Timeout), RemoteKeys> _remoteKeys = [];
    private readonly Dictionary<JWTRule, JwtProvider> _providers = [];

    /// <summary>Makes a compiler.</summary>
    /// <param name="time">The clock of delays, tokens and buckets.</param>
    /// <param name="random">Chance for fractions; must be safe to share, as <see cref="Random.Shared"/> is.</param>
    /// <param name="keys">Fetches JSON web key sets; not disposed here.</param>
    /// <param name="logger">Gets the keys that cannot be fetched.</param>
    public PolicyCompiler(TimeProvider time, Random random, HttpMessageInvoker keys, ILogger<PolicyCompiler> logger)
    {
        (_time, _random, _keys, _logger) = (time, random, keys, logger);
        _limiters = new LocalRateLimiters(time);
    }

    /// <summary>Compiles the policies among some documents.</summary>
    /// <param name="resources">The documents.</param>
    /// <param name="hosts">Their hosts.</param>
    /// <param name="findings">Receives what cannot be executed.</param>
    public PolicySet Compile(ResourceSet resources, ServiceHosts hosts, List<Finding> findings)
    {
        _limiters.Prune();
        _counters.Prune();
        var authorizers = ExternalAuthorizers.Compile(resources, hosts, findings);
        var authorization = PolicyScope.InOrder(resources.OfType<AuthorizationPolicy>())
            .Select(policy => AuthorizationRules.Compile(policy.Document, policy.Resource, findings)).ToImmutableArray();
        var tokens = PolicyScope.InOrder(resources.OfType<RequestAuthentication>())
            .Select(policy => CompileRules(policy.Document, policy.Resource.Spec, findings))
            .ToImmutableArray();
        findings.AddRange(CustomPolicies.WithoutAuthorizer(authorization, authorizers));
        return new PolicySet(authorization, authorizers, _counters, tokens, EnvoyPatches.Compile(resources, findings), _limiters, _time, _random);
    }

    /// <summary>Stops fetching keys.</summary>
    public void Dispose()
    {
        foreach (var keys in _remoteKeys.Values)
        {
            keys.Dispose();
        }

        _remoteKeys.Clear();
    }

    private TokenRules CompileRules(ResourceDocument document, RequestAuthenticationSpec spec, List<Finding> findings)
    {
        if (PolicyScope.IsForWaypoint(PolicyScope.Targets(spec.TargetRefs, spec.TargetRef)))
        {
            findings.Add(PolicyScope.IgnoredTargets(document));
        }

        var providers = ImmutableArray.CreateBuilder<JwtProvider>();
        for (var i = 0; i < spec.JwtRules.Count; i++)
        {
            var rule = spec.JwtRules[i];
            KeySource keys = string.IsNullOrEmpty(rule.Jwks)
                ? Fetch(rule) : Inline(rule.Jwks, document, $"spec.jwtRules[{i}].jwks", findings);
            if (!_providers.TryGetValue(rule, out var provider) || (keys is RemoteKeys && provider.Keys != keys))
            {
                _providers[rule] = provider = new JwtProvider(rule, keys, _time);
            }

            providers.Add(provider);
        }

        return new TokenRules(document, spec, providers.ToImmutable());
    }

    private static InlineKeys Inline(string jwks, ResourceDocument document, string field, List<Finding> findings)
    {
        var faults = new List<string>();
        var keys = JsonWebKeys.Parse(jwks, faults);
        findings.AddRange(faults.Select(fault => document.At(field, PolicyCodes.Keys, fault)));
        return new InlineKeys(keys);
    }

    private RemoteKeys Fetch(JWTRule rule)
    {
        var url = string.IsNullOrEmpty(rule.JwksUri) ? rule.JwksUriSnakeCase ?? "" : rule.JwksUri;
        var key = (rule.Issuer ?? "", url, rule.Timeout?.Value ?? DefaultTimeout);
        return _remoteKeys.TryGetValue(key, out var keys)
            ? keys
            : _remoteKeys[key] = new RemoteKeys(key.Item1, url, key.Item3, _keys, _time, _logger);
    }
}
