namespace Gateway.Routing;

/// <summary>Comparing host names that may begin with a wildcard, as Istio does (istio, pkg/config/host).</summary>
internal static class HostNames
{
    /// <summary>Whether two names have a host in common.</summary>
    public static bool Overlap(string left, string right) => IsSubset(left, right) || IsSubset(right, left);

    /// <summary>Whether every host of a name is one of another's.</summary>
    public static bool IsSubset(string inner, string outer)
    {
        if (!outer.StartsWith('*'))
        {
            return inner == outer;
        }

        return inner.StartsWith('*')
            ? inner.Length >= outer.Length && inner.AsSpan(1).EndsWith(outer.AsSpan(1), StringComparison.Ordinal)
            : inner.AsSpan().EndsWith(outer.AsSpan(1), StringComparison.Ordinal);
    }

    /// <summary>The names that both lists cover: of each pair the narrower one.</summary>
    public static IEnumerable<string> Intersect(IEnumerable<string> left, IReadOnlyCollection<string> right) =>
        left.SelectMany(one => right.Select(other => IsSubset(one, other) ? one : IsSubset(other, one) ? other : null))
            .OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>
    /// The hosts of a Gateway's server that are open to a namespace, without their namespace: <c>ns/host</c>, <c>*/host</c> or <c>host</c>.
    /// </summary>
    public static IEnumerable<string> ForNamespace(IEnumerable<string> hosts, string @namespace) => hosts
        .Select(host => host.Split('/', 2))
        .Where(parts => parts.Length == 1 || parts[0] == "*" || parts[0] == @namespace)
        .Select(parts => parts[^1]);

    /// <summary>The hosts of a Gateway's server with <c>./</c> replaced by the Gateway's namespace; <c>*/*</c> alone counts.</summary>
    public static IReadOnlyList<string> OfServer(IEnumerable<string> hosts, string @namespace)
    {
        var resolved = hosts.Select(host => host.StartsWith("./", StringComparison.Ordinal) ? @namespace + host[1..]
            : host.StartsWith("*/", StringComparison.Ordinal) ? host[2..] : host).ToArray();
        return hosts.Contains("*/*") ? ["*"] : resolved;
    }
}
