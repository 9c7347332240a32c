using System.Collections.Immutable;
using Gateway.Policies.Authorization;
using Gateway.Policies.Cors;
using Gateway.Policies.ExternalAuthorization;
using Gateway.Policies.Faults;
using Gateway.Policies.Jwt;
using Gateway.Policies.RateLimiting;
using Istio.Networking;
using Istio.Security;

namespace Gateway.Policies;

/// <summary>
/// Puts the filters of a proxy in order: Istio's own, then the patches of EnvoyFilters, which place what they bring by the names of Istio's
/// filters. Filters that Istio installs and that do nothing here keep their place in the list.
/// </summary>
/// <remarks>
/// Istio pilot/pkg/networking/core/listener_builder.go (buildHTTPConnectionManager) and envoyfilter/listener_patch.go
/// </remarks>
internal sealed class FilterChainBuilder
{
    private const string Rbac = "envoy.filters.http.rbac";
    private const string ExternalAuthorization = "envoy.filters.http.ext_authz";
    private const string Router = "envoy.filters.http.router";

    private readonly List<(string Name, PolicyFilter? Filter)> _filters = [];
    private readonly LocalRateLimiters _limiters;
    private readonly Random _random;

    /// <summary>Makes an empty chain.</summary>
    public FilterChainBuilder(LocalRateLimiters limiters, Random random) => (_limiters, _random) = (limiters, random);

    /// <summary>Adds Istio's filters.</summary>
    public FilterChainBuilder AddIstio(
        ListenerKind listener, IReadOnlyCollection<AuthorizationRules> authorization,
        Func<string, IReadOnlyCollection<AuthorizationRules>, ExternalAuthorizationFilter?> authorizers,
        ImmutableArray<JwtProvider> providers, FaultFilter fault)
    {
        Add("istio.metadata_exchange", null);
        if (listener != ListenerKind.SidecarOutbound)
        {
            AddCustom(CustomPolicies.ByProvider(authorization), authorizers);
            Add("envoy.filters.http.jwt_authn", providers.IsEmpty ? null : new JwtFilter(providers, listener == ListenerKind.Gateway));
            if (authorization.Any(policy => policy.Action == PolicyAction.Audit))
            {
                // It only marks a request for a log that no sidecar writes by default.
                Add(Rbac, null);
            }

            AddRbac(authorization, PolicyAction.Deny);
            AddRbac(authorization, PolicyAction.Allow);
        }

        Add("envoy.filters.http.grpc_stats", null);
        if (listener != ListenerKind.SidecarInbound)
        {
            Add("istio.alpn", null);
        }

        Add("envoy.filters.http.fault", listener == ListenerKind.SidecarInbound ? null : fault);
        Add("envoy.filters.http.cors", listener == ListenerKind.SidecarInbound ? null : CorsFilter.Instance);
        Add("istio.stats", null);
        Add(Router, null);
        return this;
    }

    /// <summary>Applies the patches of EnvoyFilters.</summary>
    public FilterChainBuilder Apply(IReadOnlyCollection<EnvoyPatch> patches, ProxyPlace place)
    {
        var routes = patches
            .Where(patch => patch.Patch.ApplyTo is PatchTarget.VirtualHost or PatchTarget.HttpRoute)
            .Select(patch => new RoutePatch(patch.Patch.ApplyTo!, patch.Filter, patch.Index, patch.Limit, patch.Rules,
                patch.Patch.Match?.RouteConfiguration?.Vhost?.Name ?? "", patch.Patch.Match?.RouteConfiguration?.Vhost?.Route?.Name ?? ""))
            .ToImmutableArray();
        var key = $"{place.Listener}:{place.Namespace}/{place.Name}:{place.Port}";
        foreach (var patch in patches.Where(patch => patch.Patch.ApplyTo == PatchTarget.HttpFilter))
        {
            if (patch.Limit is null)
            {
                Remove(EnvoyPatches.SubFilter(patch.Patch));
                continue;
            }

            var limiter = _limiters.Get(new RateLimitKey(key, patch.Filter, patch.Index), patch.Limit);
            Insert(patch.Patch, new RateLimitFilter(patch.Filter, limiter, routes, (of, virtualHost, route) =>
                _limiters.Get(new RateLimitKey(key, of.Filter, of.Patch, virtualHost, route), of.Limit!), _random));
        }

        return this;
    }

    /// <summary>The chain.</summary>
    public PolicyChain Build() => new([.. _filters.Where(filter => filter.Filter is not null).Select(filter => filter.Filter!)]);

    private void Add(string name, PolicyFilter? filter) => _filters.Add((name, filter));

    /// <summary>Without the filter that finds out what CUSTOM policies cover, nobody is asked.</summary>
    private void Remove(string? name) => _filters.RemoveAll(filter =>
        (filter.Name == name && name != Router) || (filter.Name == ExternalAuthorization && name == Rbac));

    /// <summary>For each provider the rules and who is asked; where nobody can be, the rules deny.</summary>
    private void AddCustom(
        IReadOnlyList<(string Provider, AuthorizationRules[] Policies)> custom,
        Func<string, IReadOnlyCollection<AuthorizationRules>, ExternalAuthorizationFilter?> authorizers)
    {
        foreach (var (provider, policies) in custom)
        {
            // Of several providers Istio asks none (PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS is off).
            if (custom.Count == 1 && authorizers(provider, policies) is { } filter)
            {
                Add(Rbac, null);
                Add(ExternalAuthorization, filter);
            }
            else
            {
                Add(Rbac, RbacFilter.ForBadCustom(policies));
            }
        }
    }

    private void AddRbac(IReadOnlyCollection<AuthorizationRules> policies, string action)
    {
        if (policies.Any(policy => policy.Action == action))
        {
            Add(Rbac, RbacFilter.For(policies, action));
        }
    }

    /// <summary>Where there is no filter of the name to place it by, Istio leaves the patch out.</summary>
    private void Insert(EnvoyConfigObjectPatch patch, RateLimitFilter filter)
    {
        var target = EnvoyPatches.SubFilter(patch);
        var index = target is null ? 0 : _filters.FindIndex(existing => existing.Name == target);
        if (index < 0)
        {
            return;
        }

        switch (patch.Patch!.Operation)
        {
            case PatchOperation.InsertFirst:
                _filters.Insert(0, (LocalRateLimit.FilterName, filter));
                break;
            case PatchOperation.InsertBefore:
                _filters.Insert(index, (LocalRateLimit.FilterName, filter));
                break;
            case PatchOperation.InsertAfter when target != Router:
                _filters.Insert(index + 1, (LocalRateLimit.FilterName, filter));
                break;
            case PatchOperation.Replace when target != Router:
                _filters[index] = (LocalRateLimit.FilterName, filter);
                break;
        }
    }
}
