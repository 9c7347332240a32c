using System.Collections.Immutable;
using Gateway.Requests;

namespace Gateway.Routing;

/// <summary>Which requests a route takes: a condition on the path and any number of others, which must all hold.</summary>
/// <param name="path">The condition on the path.</param>
/// <param name="conditions">The others.</param>
internal sealed class RouteMatcher(PathCondition path, ImmutableArray<RequestCondition> conditions)
{
    /// <summary>Takes every request.</summary>
    public static readonly RouteMatcher Any = new(PrefixPath.Root, []);

    private readonly RequestCondition[] _conditions = [.. conditions];

    /// <summary>The condition on the path.</summary>
    public PathCondition Path => path;

    /// <summary>The other conditions.</summary>
    public ImmutableArray<RequestCondition> Conditions => conditions;

    /// <summary>
    /// True when every request is taken, so that Istio sends no later route to the proxy: the prefix <c>/</c> or the regex <c>.*</c>,
    /// and nothing else to hold (istio, pilot/pkg/networking/core/route, <c>IsCatchAllRoute</c>).
    /// </summary>
    public bool IsCatchAll => path.IsAny && _conditions.Length == 0;

    /// <summary>Whether the route takes a request. Allocates nothing.</summary>
    public bool Matches(RequestHead request)
    {
        if (!path.Matches(request.Path))
        {
            return false;
        }

        foreach (var condition in _conditions)
        {
            if (!condition.Matches(request))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Why the route does not take a request, in words; null when it does.</summary>
    public string? Mismatch(RequestHead request)
    {
        if (!path.Matches(request.Path))
        {
            return $"the path {request.Path} does not match {path}";
        }

        return _conditions.FirstOrDefault(condition => !condition.Matches(request))?.Mismatch(request);
    }

    /// <summary>The conditions in words.</summary>
    public override string ToString() => string.Join(", ", [path.ToString()!, .. _conditions.Select(condition => condition.ToString()!)]);
}
