using Yarp.ReverseProxy.Configuration;

namespace Aspire.Hosting.Yarp;

/// <summary>Which requests go to a cluster, and how they are changed on the way.</summary>
public class YarpRoute
{
    internal YarpRoute(string id, YarpCluster cluster)
    {
        Config = new RouteConfig { RouteId = id, ClusterId = cluster.Config.ClusterId, Match = new RouteMatch() };
    }

    internal RouteConfig Config { get; private set; }

    internal YarpRoute Configure(Func<RouteConfig, RouteConfig> change)
    {
        Config = change(Config);
        return this;
    }
}

/// <summary>Configures routes.</summary>
public static class YarpRouteExtensions
{
    /// <summary>Sets which requests take the route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="match">Path, hosts, methods, headers and query parameters.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithMatch(this YarpRoute route, RouteMatch match) =>
        Required(route).Configure(current => current with { Match = match });

    /// <summary>Sets the path of the requests that take the route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="path">The pattern.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithMatchPath(this YarpRoute route, string path) => route.Match(match => match with { Path = path });

    /// <summary>Sets the methods of the requests that take the route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="methods">Any of these.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithMatchMethods(this YarpRoute route, params string[] methods) =>
        route.Match(match => match with { Methods = methods });

    /// <summary>Sets the headers of the requests that take the route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headers">All of these.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithMatchHeaders(this YarpRoute route, params RouteHeader[] headers) =>
        route.Match(match => match with { Headers = [.. headers] });

    /// <summary>Sets the hosts of the requests that take the route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="hosts">Any of these; they may have wildcards and ports.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithMatchHosts(this YarpRoute route, params string[] hosts) => route.Match(match => match with { Hosts = [.. hosts] });

    /// <summary>Sets the query parameters of the requests that take the route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="queryParameters">All of these.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithMatchRouteQueryParameter(this YarpRoute route, params RouteQueryParameter[] queryParameters) =>
        route.Match(match => match with { QueryParameters = [.. queryParameters] });

    /// <summary>Sets the order of the route; lower comes first.</summary>
    /// <param name="route">The route.</param>
    /// <param name="order">The order; by default the more specific pattern comes first.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithOrder(this YarpRoute route, int? order) => Required(route).Configure(current => current with { Order = order });

    /// <summary>Sets the size of bodies that are still forwarded.</summary>
    /// <param name="route">The route.</param>
    /// <param name="maxRequestBodySize">The size in bytes; -1 means any.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithMaxRequestBodySize(this YarpRoute route, long maxRequestBodySize) =>
        Required(route).Configure(current => current with { MaxRequestBodySize = maxRequestBodySize });

    /// <summary>Sets metadata, which extensions of YARP read.</summary>
    /// <param name="route">The route.</param>
    /// <param name="metadata">The metadata.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithMetadata(this YarpRoute route, IReadOnlyDictionary<string, string>? metadata) =>
        Required(route).Configure(current => current with { Metadata = metadata });

    /// <summary>Sets how requests and responses are changed.</summary>
    /// <param name="route">The route.</param>
    /// <param name="transforms">The changes, which replace those made before.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransforms(
        this YarpRoute route, IReadOnlyList<IReadOnlyDictionary<string, string>>? transforms) =>
        Required(route).Configure(current => current with { Transforms = transforms });

    /// <summary>Adds a change of requests or responses.</summary>
    /// <param name="route">The route.</param>
    /// <param name="createTransform">Says what is changed, by YARP's keys.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransform(this YarpRoute route, Action<IDictionary<string, string>> createTransform)
    {
        ArgumentNullException.ThrowIfNull(createTransform);
        var transform = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        createTransform(transform);
        return Required(route).Configure(current => current with { Transforms = [.. current.Transforms ?? [], transform] });
    }

    private static YarpRoute Match(this YarpRoute route, Func<RouteMatch, RouteMatch> change) =>
        Required(route).Configure(current => current with { Match = change(current.Match) });

    private static YarpRoute Required(YarpRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return route;
    }
}
