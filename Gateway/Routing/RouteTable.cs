using System.Collections.Immutable;
using Gateway.Requests;

namespace Gateway.Routing;

/// <summary>
/// The routes of one listener: of a port of a Gateway, or of a service's port in the mesh role. What Envoy calls a route configuration.
/// Immutable and shared by all requests; finding a route allocates nothing.
/// </summary>
internal sealed class RouteTable
{
    private readonly DomainIndex _domains;

    /// <summary>Makes a table.</summary>
    /// <param name="name">Istio's name of the route configuration, such as <c>http.80</c>.</param>
    /// <param name="virtualHosts">The hosts. Of two that name one domain the first has it.</param>
    public RouteTable(string name, ImmutableArray<VirtualHost> virtualHosts)
    {
        Name = name;
        VirtualHosts = virtualHosts;
        _domains = new DomainIndex(virtualHosts);
    }

    /// <summary>Istio's name of the route configuration, such as <c>http.80</c>.</summary>
    public string Name { get; }

    /// <summary>The virtual hosts.</summary>
    public ImmutableArray<VirtualHost> VirtualHosts { get; }

    /// <summary>
    /// The virtual host of an authority: its port is ignored, as is case; an exact domain goes before a wildcard, a long wildcard before
    /// a short one, <c>*</c> last.
    /// </summary>
    public VirtualHost? FindHost(ReadOnlySpan<char> authority) => _domains.Find(authority);

    /// <summary>Finds the route of a request, and draws the destination among the route's weights.</summary>
    /// <param name="request">The request as it came, after path normalisation.</param>
    /// <param name="random">Draws the destination.</param>
    /// <returns>Without a route the answer is 404 with flag NR.</returns>
    public RouteMatch Match(RequestHead request, Random random)
    {
        if (FindHost(request.Authority) is not { } host)
        {
            return default;
        }

        var route = host.Find(request);
        return new RouteMatch(host, route, route?.Forward?.Choose(random));
    }
}

/// <summary>What a table found for a request.</summary>
/// <param name="VirtualHost">The virtual host; null when no domain is the request's.</param>
/// <param name="Route">The route; null when none matches, which is answered with 404 and flag NR.</param>
/// <param name="Cluster">The destination that was drawn; null for a redirect or a direct response.</param>
internal readonly record struct RouteMatch(VirtualHost? VirtualHost, Route? Route, WeightedCluster? Cluster);
