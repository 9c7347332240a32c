using System.Collections.Immutable;
using Gateway.Registry;
using Gateway.Routing.GatewayApi;
using Gateway.Routing.VirtualServices;
using Istio.Documents;

namespace Gateway.Routing;

/// <summary>Compiles everything that decides where a request goes: VirtualServices, HTTPRoutes and the Gateways they bind to.</summary>
internal static class RouteCompiler
{
    /// <summary>Compiles the routes of documents.</summary>
    /// <param name="resources">The documents of the mesh folder.</param>
    /// <param name="services">The services of the same documents.</param>
    /// <param name="findings">Receives what is wrong; with an error among them the routes must not be used.</param>
    public static IstioRoutes Compile(ResourceSet resources, ServiceHosts services, List<Finding> findings)
    {
        var listeners = ListenerReader.Read(resources);
        ImmutableArray<VirtualServiceRules> rules =
        [
            .. VirtualServiceRules.Order(
                [.. VirtualServiceReader.Read(resources, findings), .. HttpRouteReader.Read(resources, listeners, findings)]),
        ];
        var gateways = GatewayReader.Read(resources, findings).AddRange(listeners.Select(listener => listener.Gateway));
        return new IstioRoutes(
            GatewayTables.Compile(gateways, rules, services, findings),
            MeshTables.Compile(rules, services, findings),
            PathNormalizationReader.Read(resources, findings));
    }
}
