using Yarp.ReverseProxy.Transforms;

namespace Aspire.Hosting.Yarp.Transforms;

/// <summary>Changes the method of requests.</summary>
public static class HttpMethodTransformExtensions
{
    /// <summary>Changes a method into another.</summary>
    /// <param name="route">The route.</param>
    /// <param name="fromHttpMethod">The method of the request.</param>
    /// <param name="toHttpMethod">The method that is sent.</param>
    /// <returns>The route.</returns>
    public static YarpRoute WithTransformHttpMethodChange(this YarpRoute route, string fromHttpMethod, string toHttpMethod) =>
        route.Configure(config => config.WithTransformHttpMethodChange(fromHttpMethod, toHttpMethod));
}
