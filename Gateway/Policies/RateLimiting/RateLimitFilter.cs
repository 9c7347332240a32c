using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gateway.Requests;
using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>Envoy's local rate limit filter, as an EnvoyFilter has put it into the chain.</summary>
internal sealed class RateLimitFilter : PolicyFilter
{
    private readonly Limiter _own;
    private readonly Random _random;
    private readonly ImmutableArray<RoutePatch> _routes;
    private readonly Func<RoutePatch, string, string, LocalRateLimiter> _find;
    private readonly ConcurrentDictionary<(string VirtualHost, string Route), Limiter> _byRoute = new();

    /// <summary>Makes the filter.</summary>
    /// <param name="source">The EnvoyFilter, as namespace/name.</param>
    /// <param name="limiter">The limit of the filter itself.</param>
    /// <param name="routes">What virtual hosts and routes say; of limits the last that fits counts.</param>
    /// <param name="find">Gives the limiter of such a limit for a virtual host and a route: each has one of its own.</param>
    /// <param name="random">Chance for fractions.</param>
    public RateLimitFilter(
        string source, LocalRateLimiter limiter, ImmutableArray<RoutePatch> routes, Func<RoutePatch, string, string, LocalRateLimiter> find,
        Random random)
    {
        Source = source;
        (_routes, _find, _random) = (routes, find, random);
        _own = new Limiter(limiter, DescriptorRules.Compile(limiter.Limit.RateLimits));
    }

    /// <summary>The EnvoyFilter, as namespace/name.</summary>
    public string Source { get; }

    /// <summary>The limit of the filter itself, and those of routes that have been used.</summary>
    public IEnumerable<(string VirtualHost, string Route, LocalRateLimiter Rate)> Limits => _byRoute
        .Where(pair => pair.Value.Rate != _own.Rate)
        .Select(static pair => (pair.Key.VirtualHost, pair.Key.Route, pair.Value.Rate))
        .Prepend(("", "", _own.Rate));

    /// <inheritdoc/>
    public override ValueTask<LocalReply?> EvaluateAsync(PolicyContext context, CancellationToken cancellationToken)
    {
        var (limiter, rules) = _routes.IsEmpty ? _own : Find(context.Route);
        return new(limiter.Evaluate(context, rules, _random));
    }

    private Limiter Find(in RouteScope scope)
    {
        var key = (scope.VirtualHost ?? "", scope.Route ?? "");
        if (_byRoute.TryGetValue(key, out var limiter))
        {
            return limiter;
        }

        // What a route has goes before what its virtual host has; a later patch overwrites an earlier one.
        var patch = Last(key, PatchTarget.HttpRoute) ?? Last(key, PatchTarget.VirtualHost);
        var found = patch is null ? _own.Rate : _find(patch, key.Item1, key.Item2);
        return _byRoute.GetOrAdd(key, new Limiter(found, Rules(found.Limit, key)));
    }

    private RoutePatch? Last((string VirtualHost, string Route) key, string target) =>
        _routes.LastOrDefault(patch => patch.Limit is not null && patch.Target == target && patch.Covers(key.VirtualHost, key.Route));

    /// <summary>The limit's own rules, or else those of the route and, as the limit says, of its virtual host.</summary>
    private DescriptorRules Rules(LocalRateLimit limit, (string VirtualHost, string Route) key)
    {
        if (!limit.RateLimits.IsEmpty)
        {
            return DescriptorRules.Compile(limit.RateLimits);
        }

        RateLimitRule[] Of(string target) =>
        [
            .. _routes.Where(patch => patch.Target == target && patch.Covers(key.VirtualHost, key.Route))
                .SelectMany(patch => patch.Rules),
        ];
        var ofRoute = Of(PatchTarget.HttpRoute);
        var ofHost = limit.VirtualHostRateLimits switch
        {
            "INCLUDE" => Of(PatchTarget.VirtualHost),
            "OVERRIDE" when ofRoute.Length == 0 => Of(PatchTarget.VirtualHost),
            _ => [],
        };
        return DescriptorRules.Compile(
            ofRoute.Concat(ofHost).Where(rule => rule.Stage == limit.Stage && rule.DisableKey.Length == 0));
    }

    /// <summary>A limiter, with the rules for the descriptors of its requests.</summary>
    private sealed record Limiter(LocalRateLimiter Rate, DescriptorRules Rules);
}

/// <summary>
/// What a patch gives to some routes: a limit of their own (<c>typed_per_filter_config</c>), rules for descriptors (<c>rate_limits</c>).
/// </summary>
/// <param name="Target"><see cref="PatchTarget.VirtualHost"/> or <see cref="PatchTarget.HttpRoute"/>.</param>
/// <param name="Filter">The EnvoyFilter, as namespace/name.</param>
/// <param name="Patch">The patch in it.</param>
/// <param name="Limit">The limit; null for none.</param>
/// <param name="Rules">The rules; empty for none.</param>
/// <param name="VirtualHost">The virtual host's name; empty for all.</param>
/// <param name="Route">The route's name; empty for all.</param>
internal sealed record RoutePatch(
    string Target, string Filter, int Patch, LocalRateLimit? Limit, ImmutableArray<RateLimitRule> Rules, string VirtualHost, string Route)
{
    /// <summary>Whether it applies to a route.</summary>
    public bool Covers(string virtualHost, string route) =>
        virtualHost.Length > 0 && (VirtualHost.Length == 0 || VirtualHost == virtualHost)
        && (Target == PatchTarget.VirtualHost || Route.Length == 0 || Route == route);
}
