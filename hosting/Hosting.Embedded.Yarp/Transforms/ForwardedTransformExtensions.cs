using Yarp.ReverseProxy.Transforms;

namespace Aspire.Hosting.Yarp.Transforms;

/// <summary>Tells the destination who the client is.</summary>
public static class ForwardedTransformExtensions
{
    /// <summary>Sets the headers X-Forwarded-*.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headerPrefix">What their names begin with.</param>
    /// <param name="xDefault">What is done with a header that the client sent.</param>
    /// <param name="xFor">The same for the client's address.</param>
    /// <param name="xHost">The same for the host.</param>
    /// <param name="xProto">The same for the scheme.</param>
    /// <param name="xPrefix">The same for the path base.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformXForwarded(
        this YarpRoute route,
        string headerPrefix = "X-Forwarded-",
        ForwardedTransformActions xDefault = ForwardedTransformActions.Set,
        ForwardedTransformActions? xFor = null,
        ForwardedTransformActions? xHost = null,
        ForwardedTransformActions? xProto = null,
        ForwardedTransformActions? xPrefix = null) =>
        route.Configure(config => config.WithTransformXForwarded(headerPrefix, xDefault, xFor, xHost, xProto, xPrefix));

    /// <summary>Sets the header Forwarded (RFC 7239).</summary>
    /// <param name="route">The route.</param>
    /// <param name="useHost">Whether it has the host.</param>
    /// <param name="useProto">Whether it has the scheme.</param>
    /// <param name="forFormat">How the client's address is written.</param>
    /// <param name="byFormat">How the proxy's address is written.</param>
    /// <param name="action">What is done with a header that the client sent.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformForwarded(
        this YarpRoute route,
        bool useHost = true,
        bool useProto = true,
        NodeFormat forFormat = NodeFormat.Random,
        NodeFormat byFormat = NodeFormat.Random,
        ForwardedTransformActions action = ForwardedTransformActions.Set) =>
        route.Configure(config => config.WithTransformForwarded(useHost, useProto, forFormat, byFormat, action));

    /// <summary>Sends the client's certificate in a header.</summary>
    /// <param name="route">The route.</param>
    /// <param name="headerName">The header.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformClientCertHeader(this YarpRoute route, string headerName) =>
        route.Configure(config => config.WithTransformClientCertHeader(headerName));
}
