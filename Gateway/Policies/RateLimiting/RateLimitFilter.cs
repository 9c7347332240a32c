using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gateway.Requests;
using Istio.Networking;

namespace Gateway.Policies.RateLimiting;

/// <summary>Envoy's local rate limit filter, as an EnvoyFilter has put it into the chain.</summary>
internal sealed class RateLimitFilter : PolicyFilter
{
    private readonly LocalRateLimiter _limiter;
    private readonly Random _random;
    private readonly ImmutableArray<RouteLimit> _routeLimits;
    private readonly Func<RouteLimit, string, string, LocalRateLimiter> _find;
    private readonly ConcurrentDictionary<(string VirtualHost, string Route), LocalRateLimiter> _byRoute = new();

    /// <summary>Makes the filter.</summary>
    /// <param name="limiter">The limit of the filter itself.</param>
    /// <param name="routeLimits">Limits that take its place for some routes; the last that fits counts.</param>
    /// <param name="find">Gives the limiter of such a limit for a virtual host and a route: each has one of its own.</param>
    /// <param name="random">Chance for fractions.</param>
    public RateLimitFilter(
        LocalRateLimiter limiter, ImmutableArray<RouteLimit> routeLimits, Func<RouteLimit, string, string, LocalRateLimiter> find,
        Random random) =>
        (_limiter, _routeLimits, _find, _random) = (limiter, routeLimits, find, random);

    /// <inheritdoc/>
    public override ValueTask<LocalReply?> EvaluateAsync(PolicyContext context, CancellationToken cancellationToken) =>
        new((_routeLimits.IsEmpty ? _limiter : Find(context.Route)).Evaluate(_random));

    private LocalRateLimiter Find(in RouteScope scope)
    {
        var key = (scope.VirtualHost ?? "", scope.Route ?? "");
        if (_byRoute.TryGetValue(key, out var limiter))
        {
            return limiter;
        }

        // What a route has goes before what its virtual host has; a later patch overwrites an earlier one.
        var limit = Last(key, PatchTarget.HttpRoute) ?? Last(key, PatchTarget.VirtualHost);
        return _byRoute.GetOrAdd(key, limit is null ? _limiter : _find(limit, key.Item1, key.Item2));
    }

    private RouteLimit? Last((string VirtualHost, string Route) key, string target) =>
        _routeLimits.LastOrDefault(limit => limit.Target == target && limit.Covers(key.VirtualHost, key.Route));
}

/// <summary>A limit for some routes: <c>typed_per_filter_config</c> of a virtual host or of a route.</summary>
/// <param name="Target"><see cref="PatchTarget.VirtualHost"/> or <see cref="PatchTarget.HttpRoute"/>.</param>
/// <param name="Filter">The EnvoyFilter, as namespace/name.</param>
/// <param name="Patch">The patch in it.</param>
/// <param name="Limit">The limit.</param>
/// <param name="VirtualHost">The virtual host's name; empty for all.</param>
/// <param name="Route">The route's name; empty for all.</param>
internal sealed record RouteLimit(string Target, string Filter, int Patch, LocalRateLimit Limit, string VirtualHost, string Route)
{
    /// <summary>Whether it applies to a route.</summary>
    public bool Covers(string virtualHost, string route) =>
        virtualHost.Length > 0 && (VirtualHost.Length == 0 || VirtualHost == virtualHost)
        && (Target == PatchTarget.VirtualHost || Route.Length == 0 || Route == route);
}
