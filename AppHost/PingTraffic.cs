using Istio.Networking;

namespace AppHost;

/// <summary>How Istio routes to the ping service: what the seed's Ingress says, and what an Ingress cannot say.</summary>
internal static class PingTraffic
{
    /// <summary>The port that Istio's ingress gateway listens on; on a laptop it is http://localhost:8081.</summary>
    public static Gateway Gateway => Gateway.For("gateway").Http(80);

    /// <summary>Rules for requests that come in there, whatever their host.</summary>
    public static VirtualService Rules => VirtualService.For("ping").Hosts("*").Gateways("gateway");

    /// <summary>Each replica in turn, those that fail left out.</summary>
    public static DestinationRule Policy => DestinationRule.For("ping").TrafficPolicy(policy => policy.RoundRobin().WithoutFailing());

    /// <summary>Takes out a replica that fails. Of three replicas one is a third, so the limit must be at least 34 percent.</summary>
    public static TrafficPolicy WithoutFailing(this TrafficPolicy policy) => policy.Eject(
        consecutive5xx: 5,
        interval: TimeSpan.FromSeconds(5),
        baseEjectionTime: TimeSpan.FromSeconds(10),
        maxEjectionPercent: 34);

    /// <summary>The paths under /api/v1, rewritten as the Ingress rewrites them.</summary>
    public static HTTPRoute UnderApiV1(this HTTPRoute route, Func<HTTPMatchRequest, HTTPMatchRequest>? also = null) => route
        .Match(request => (also ?? (same => same))(request.Uri(regex: "(?i)/api/v1(/.*)?")))
        .RewriteRegex("(?i)^/api/v1(/|$)(.*)$", @"/\2");

    /// <summary>A replica that is gone or does not answer costs the caller nothing but time.</summary>
    public static HTTPRoute Patiently(this HTTPRoute route) => route
        .Timeout(TimeSpan.FromSeconds(10))
        .Retry(
            attempts: 2,
            on: [RetryOn.ConnectFailure, RetryOn.RefusedStream, RetryOn.Reset],
            perTryTimeout: TimeSpan.FromSeconds(2));
}
