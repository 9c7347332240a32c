using Yarp.ReverseProxy.Transforms;

namespace Aspire.Hosting.Yarp.Transforms;

/// <summary>Changes the headers of requests.</summary>
public static class RequestHeadersTransformExtensions
{
    /// <summary>Decides whether the client's headers are sent on.</summary>
    /// <param name="route">The route.</param>
    /// <param name="copy">Whether they are.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformCopyRequestHeaders(this YarpRoute route, bool copy = true) =>
        route.Configure(config => config.WithTransformCopyRequestHeaders(copy));

    /// <summary>Decides whether the destination sees the client's Host, or its own.</summary>
    /// <param name="route">The route.</param>
    /// <param name="useOriginal">Whether it sees the client's.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformUseOriginalHostHeader(this YarpRoute route, bool useOriginal = true) =>
        route.Configure(config => config.WithTransformUseOriginalHostHeader(useOriginal));

    /// <summary>Sets a header.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headerName">The header.</param>
    /// <param name="value">The value.</param>
    /// <param name="append">Whether it is added to values that are there, or replaces them.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformRequestHeader(this YarpRoute route, string headerName, string value, bool append = true) =>
        route.Configure(config => config.WithTransformRequestHeader(headerName, value, append));

    /// <summary>Sets a header to a value that the route has matched.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headerName">The header.</param>
    /// <param name="routeValueKey">The name of the value.</param>
    /// <param name="append">Whether it is added to values that are there, or replaces them.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformRequestHeaderRouteValue(
        this YarpRoute route,
        string headerName,
        string routeValueKey,
        bool append = true) =>
        route.Configure(config => config.WithTransformRequestHeaderRouteValue(headerName, routeValueKey, append));

    /// <summary>Takes a header away.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headerName">The header.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformRequestHeaderRemove(this YarpRoute route, string headerName) =>
        route.Configure(config => config.WithTransformRequestHeaderRemove(headerName));

    /// <summary>Takes all headers away but these.</summary>
    /// <param name="route">The route.</param>
    /// <param name="allowedHeaders">The headers that stay.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformRequestHeadersAllowed(this YarpRoute route, params string[] allowedHeaders) =>
        route.Configure(config => config.WithTransformRequestHeadersAllowed(allowedHeaders));
}
