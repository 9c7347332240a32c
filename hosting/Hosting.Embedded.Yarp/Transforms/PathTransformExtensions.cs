using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Transforms;

namespace Aspire.Hosting.Yarp.Transforms;

/// <summary>Changes the path of requests.</summary>
public static class PathTransformExtensions
{
    /// <summary>Replaces the path.</summary>
    /// <param name="route">The route.</param>
    /// <param name="path">The new path.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformPathSet(this YarpRoute route, PathString path) =>
        route.Configure(config => config.WithTransformPathSet(Required(path, nameof(path))));

    /// <summary>Puts a prefix before the path.</summary>
    /// <param name="route">The route.</param>
    /// <param name="prefix">The prefix.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformPathPrefix(this YarpRoute route, PathString prefix) =>
        route.Configure(config => config.WithTransformPathPrefix(Required(prefix, nameof(prefix))));

    /// <summary>Takes a prefix off the path.</summary>
    /// <param name="route">The route.</param>
    /// <param name="prefix">The prefix.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformPathRemovePrefix(this YarpRoute route, PathString prefix) =>
        route.Configure(config => config.WithTransformPathRemovePrefix(Required(prefix, nameof(prefix))));

    /// <summary>Makes the path from a pattern with the values that the route has matched.</summary>
    /// <param name="route">The route.</param>
    /// <param name="pattern">The pattern.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformPathRouteValues(this YarpRoute route, [StringSyntax("Route")] PathString pattern) =>
        route.Configure(config => config.WithTransformPathRouteValues(Required(pattern, nameof(pattern))));

    private static PathString Required(PathString path, string name) =>
        path.HasValue ? path : throw new ArgumentNullException(name);
}
