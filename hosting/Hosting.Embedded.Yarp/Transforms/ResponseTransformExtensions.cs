using Yarp.ReverseProxy.Transforms;

namespace Aspire.Hosting.Yarp.Transforms;

/// <summary>Changes the headers and trailers of responses.</summary>
public static class ResponseTransformExtensions
{
    /// <summary>Decides whether the destination's headers are sent on.</summary>
    /// <param name="route">The route.</param>
    /// <param name="copy">Whether they are.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformCopyResponseHeaders(this YarpRoute route, bool copy = true) =>
        route.Configure(config => config.WithTransformCopyResponseHeaders(copy));

    /// <summary>Decides whether the destination's trailers are sent on.</summary>
    /// <param name="route">The route.</param>
    /// <param name="copy">Whether they are.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformCopyResponseTrailers(this YarpRoute route, bool copy = true) =>
        route.Configure(config => config.WithTransformCopyResponseTrailers(copy));

    /// <summary>Sets a header.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headerName">The header.</param>
    /// <param name="value">The value.</param>
    /// <param name="append">Whether it is added to values that are there, or replaces them.</param>
    /// <param name="condition">On which responses.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformResponseHeader(
        this YarpRoute route,
        string headerName,
        string value,
        bool append = true,
        ResponseCondition condition = ResponseCondition.Success) =>
        route.Configure(config => config.WithTransformResponseHeader(headerName, value, append, condition));

    /// <summary>Takes a header away.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headerName">The header.</param>
    /// <param name="condition">On which responses.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformResponseHeaderRemove(
        this YarpRoute route,
        string headerName,
        ResponseCondition condition = ResponseCondition.Success) =>
        route.Configure(config => config.WithTransformResponseHeaderRemove(headerName, condition));

    /// <summary>Takes all headers away but these.</summary>
    /// <param name="route">The route.</param>
    /// <param name="allowedHeaders">The headers that stay.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformResponseHeadersAllowed(this YarpRoute route, params string[] allowedHeaders) =>
        route.Configure(config => config.WithTransformResponseHeadersAllowed(allowedHeaders));

    /// <summary>Sets a trailer.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headerName">The trailer.</param>
    /// <param name="value">The value.</param>
    /// <param name="append">Whether it is added to values that are there, or replaces them.</param>
    /// <param name="condition">On which responses.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformResponseTrailer(
        this YarpRoute route,
        string headerName,
        string value,
        bool append = true,
        ResponseCondition condition = ResponseCondition.Success) =>
        route.Configure(config => config.WithTransformResponseTrailer(headerName, value, append, condition));

    /// <summary>Takes a trailer away.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headerName">The trailer.</param>
    /// <param name="condition">On which responses.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformResponseTrailerRemove(
        this YarpRoute route,
        string headerName,
        ResponseCondition condition = ResponseCondition.Success) =>
        route.Configure(config => config.WithTransformResponseTrailerRemove(headerName, condition));

    /// <summary>Takes all trailers away but these.</summary>
    /// <param name="route">The route.</param>
    /// <param name="allowedHeaders">The trailers that stay.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformResponseTrailersAllowed(this YarpRoute route, params string[] allowedHeaders) =>
        route.Configure(config => config.WithTransformResponseTrailersAllowed(allowedHeaders));
}
