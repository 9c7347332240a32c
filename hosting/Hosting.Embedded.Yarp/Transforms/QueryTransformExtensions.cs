using Yarp.ReverseProxy.Transforms;

namespace Aspire.Hosting.Yarp.Transforms;

/// <summary>Changes the query of requests.</summary>
public static class QueryTransformExtensions
{
    /// <summary>Sets a query parameter.</summary>
    /// <param name="route">The route.</param>
    /// <param name="queryKey">The parameter.</param>
    /// <param name="value">The value.</param>
    /// <param name="append">Whether it is added to values that are there, or replaces them.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformQueryValue(this YarpRoute route, string queryKey, string value, bool append = true) =>
        route.Configure(config => config.WithTransformQueryValue(queryKey, value, append));

    /// <summary>Sets a query parameter to a value that the route has matched.</summary>
    /// <param name="route">The route.</param>
    /// <param name="queryKey">The parameter.</param>
    /// <param name="routeValueKey">The name of the value.</param>
    /// <param name="append">Whether it is added to values that are there, or replaces them.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformQueryRouteValue(this YarpRoute route, string queryKey, string routeValueKey, bool append = true) =>
        route.Configure(config => config.WithTransformQueryRouteValue(queryKey, routeValueKey, append));

    /// <summary>Takes a query parameter away.</summary>
    /// <param name="route">The route.</param>
    /// <param name="queryKey">The parameter.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformQueryRemoveKey(this YarpRoute route, string queryKey) =>
        route.Configure(config => config.WithTransformQueryRemoveKey(queryKey));
}
