using Istio.Documents;
using Istio.GatewayApi;
using Istio.Networking;
using Istio.Security;

namespace Istio.Validation.Traps;

/// <summary>
/// Paths of policies that are enforced at a workload, against the rewrites of the routes that lead there: the workload sees the rewritten
/// path only.
/// </summary>
internal static class PolicyPaths
{
    /// <summary>How the beginning of a path reaches a service.</summary>
    /// <param name="Route">The resource with the route.</param>
    /// <param name="Prefix">The beginning that clients send.</param>
    /// <param name="IsRewritten">True when the service does not see it.</param>
    private sealed record Entry(ResourceDocument Route, string Prefix, bool IsRewritten);

    public static void Check(Mesh mesh, (ResourceDocument Document, AuthorizationPolicy Resource)[] policies)
    {
        var entries = Entries(mesh).ToLookup(pair => pair.Service, pair => pair.Entry, StringComparer.Ordinal);
        foreach (var (document, policy) in policies.Where(pair => pair.Resource.Spec is { TargetRef: null, TargetRefs.IsEmpty: true }))
        {
            var reached = mesh.ServicesSelectedBy(document.Namespace, policy.Spec.Selector?.MatchLabels ?? default)
                .SelectMany(service => entries[service.Host]).ToArray();
            for (var i = 0; reached.Any(entry => entry.IsRewritten) && i < policy.Spec.Rules.Count; i++)
            {
                for (var j = 0; j < policy.Spec.Rules[i].To.Count; j++)
                {
                    if (policy.Spec.Rules[i].To[j].Operation is { } operation)
                    {
                        var at = mesh.At(document)["spec"]["rules"][i]["to"][j]["operation"];
                        CheckPaths(at["paths"], operation.Paths, reached);
                        CheckPaths(at["notPaths"], operation.NotPaths, reached);
                    }
                }
            }
        }
    }

    /// <summary>True when a value of a policy (exact, prefix*, *suffix or *) takes a text.</summary>
    public static bool Matches(string pattern, string text) =>
        pattern == "*" || (pattern.EndsWith('*') ? text.StartsWith(pattern[..^1], StringComparison.Ordinal)
            : pattern.StartsWith('*') ? text.EndsWith(pattern[1..], StringComparison.Ordinal) : pattern == text);

    private static void CheckPaths(Place at, EquatableArray<string> paths, Entry[] reached)
    {
        for (var i = 0; i < paths.Count; i++)
        {
            var literal = paths[i].Split('{')[0].TrimEnd('*');
            var entry = reached.FirstOrDefault(entry => entry.IsRewritten && StartsWithSegment(literal, entry.Prefix));
            if (entry is not null && !reached.Any(other => !other.IsRewritten && StartsWithSegment(literal, other.Prefix)))
            {
                at[i].Report(TrapCodes.PolicyPath,
                    $"{entry.Route.Kind} {entry.Route.Name} rewrites paths that begin with {entry.Prefix}, so the workload never sees "
                    + $"\"{paths[i]}\"; name the rewritten path, or bind the policy to the gateway.");
            }
        }
    }

    private static bool StartsWithSegment(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) || path + "/" == prefix;

    private static IEnumerable<(string Service, Entry Entry)> Entries(Mesh mesh)
    {
        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>())
        {
            foreach (var entry in service.Spec.Http.SelectMany(route => Entries(document, route)))
            {
                yield return entry;
            }
        }

        foreach (var (document, route) in mesh.Resources.OfType<GatewayApi.HTTPRoute>())
        {
            foreach (var rule in route.Spec.Rules)
            {
                var rewrites = rule.Filters.Any(filter => filter.UrlRewrite?.Path is not null);
                var prefixes = rule.Matches.IsEmpty
                    ? ["/"]
                    : rule.Matches.Where(match => match.Path?.Type != PathMatchType.RegularExpression)
                    .Select(match => match.Path?.Value ?? "/");
                foreach (var pair in prefixes.SelectMany(prefix => rule.BackendRefs.Select(backend => (prefix, backend))))
                {
                    yield return (Mesh.Resolve(pair.backend.Name ?? "", pair.backend.Namespace ?? document.Namespace),
                        new Entry(document, pair.prefix, rewrites && pair.prefix != "/"));
                }
            }
        }

        foreach (var path in OutsideTraffic.Paths(mesh))
        {
            var prefix = IngressTranslation.LiteralPrefix(path);
            yield return (path.Service, new Entry(path.At.Document, prefix, !string.IsNullOrEmpty(path.RewriteTarget) && prefix != "/"));
        }
    }

    private static IEnumerable<(string Service, Entry Entry)> Entries(ResourceDocument document, Networking.HTTPRoute route)
    {
        var rewrites = route.Rewrite is { } rewrite && (!string.IsNullOrEmpty(rewrite.Uri) || rewrite.UriRegexRewrite is not null);
        var prefixes = route.Match.IsEmpty
            ? ["/"]
            : route.Match.Select(match => match.Uri is null ? "/" : match.Uri.Exact ?? match.Uri.Prefix
                ?? IngressTranslation.LiteralPrefix(match.Uri.Regex ?? ""));
        return from prefix in prefixes
               from destination in route.Route
               select (Mesh.Resolve(destination.Destination?.Host ?? "", document.Namespace),
                   new Entry(document, prefix, rewrites && prefix.Length > 1));
    }
}
