using System.Globalization;
using Gateway.Routing;

namespace Gateway.Proxy;

/// <summary>How long a request may take, and what the upstream is told of it.</summary>
/// <remarks>envoyproxy/envoy source/common/router/router.cc, finalTimeout and setTimeoutHeaders; istio/istio route.go, setTimeout.</remarks>
internal static class ExpectedTimeout
{
    private const string Name = "x-envoy-expected-rq-timeout-ms";

    /// <summary>
    /// The time limits of a request: its route's; for a gRPC call that of its own <c>grpc-timeout</c>, if that is shorter or the route has
    /// none.
    /// </summary>
    public static RouteTimeouts Of(ProxyRequest request, ForwardAction forward)
    {
        var route = forward.Timeout is { Ticks: > 0 } timeout ? timeout : (TimeSpan?)null;
        if (request.IsGrpc && GrpcTimeout.Parse(request.Head.Headers[GrpcTimeout.Name]) is { Ticks: > 0 } asked && (route is null || asked < route))
        {
            route = asked;
        }

        return new RouteTimeouts(route, forward.Retry.PerTryTimeoutWithin(route));
    }

    /// <summary>Tells the upstream how long the gateway will wait for this attempt.</summary>
    /// <param name="request">The request.</param>
    /// <param name="elapsed">What of the request's time is over.</param>
    public static void Tell(ProxyRequest request, TimeSpan elapsed)
    {
        var (whole, attempt) = request.Timeouts;
        if ((attempt ?? whole) is not { } expected)
        {
            return;
        }

        if (whole is { } limit)
        {
            // Nothing left would mean no limit.
            var left = limit - elapsed;
            expected = left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left < expected ? left : expected;
        }

        var milliseconds = Math.Max(1, (long)expected.TotalMilliseconds);
        request.Head.Headers[Name] = milliseconds.ToString(CultureInfo.InvariantCulture);
        if (request.IsGrpc)
        {
            request.Head.Headers[GrpcTimeout.Name] = GrpcTimeout.Format(milliseconds);
        }
    }
}
