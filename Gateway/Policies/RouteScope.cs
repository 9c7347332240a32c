using Gateway.Policies.Cors;
using Gateway.Policies.Faults;

namespace Gateway.Policies;

/// <summary>What the filters need of the route that was matched; the default value when none was.</summary>
/// <param name="VirtualHost">Envoy's name of the virtual host, such as <c>ping.example:80</c> or <c>inbound|http|8080</c>.</param>
/// <param name="Route">The route's name; empty when it has none.</param>
/// <param name="Fault">The route's faults.</param>
/// <param name="Cors">The route's CORS policy; null for a redirect or a direct response, where Envoy's filter does nothing.</param>
internal readonly record struct RouteScope(string? VirtualHost, string? Route, FaultPolicy? Fault, CorsPolicy? Cors)
{
    /// <summary>Whether there is a route at all: a virtual host may have none that fits.</summary>
    public bool IsMatched { get; init; }
}
