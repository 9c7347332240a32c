using Istio.Networking;

namespace Istio.Validation;

/// <summary>Walks the destinations of a VirtualService, and the gateways it is bound to.</summary>
internal static class VirtualServiceRoutes
{
    public const string MeshGateway = "mesh";

    /// <summary>Every destination, mirrors included, with its place.</summary>
    public static IEnumerable<(Place At, Destination Destination)> Destinations(Place at, VirtualServiceSpec spec)
    {
        for (var i = 0; i < spec.Http.Count; i++)
        {
            var (route, place) = (spec.Http[i], at["spec"]["http"][i]);
            for (var j = 0; j < route.Route.Count; j++)
            {
                if (route.Route[j].Destination is { } destination)
                {
                    yield return (place["route"][j]["destination"], destination);
                }
            }

            if (route.Mirror is { } mirror)
            {
                yield return (place["mirror"], mirror);
            }

            for (var j = 0; j < route.Mirrors.Count; j++)
            {
                if (route.Mirrors[j].Destination is { } destination)
                {
                    yield return (place["mirrors"][j]["destination"], destination);
                }
            }
        }

        foreach (var pair in Streams(at["spec"]["tls"], [.. spec.Tls.Select(route => route.Route)])
            .Concat(Streams(at["spec"]["tcp"], [.. spec.Tcp.Select(route => route.Route)])))
        {
            yield return pair;
        }
    }

    /// <summary>True when sidecars execute the rules.</summary>
    public static bool IsForMesh(VirtualServiceSpec spec) => spec.Gateways.IsEmpty || spec.Gateways.Contains(MeshGateway);

    /// <summary>True when a gateway executes the rules.</summary>
    public static bool IsForGateway(VirtualServiceSpec spec) => spec.Gateways.Any(gateway => gateway != MeshGateway);

    /// <summary>Namespace and name of a gateway that a document in <paramref name="space"/> names.</summary>
    public static (string Namespace, string Name) ResolveGateway(string gateway, string space)
    {
        var slash = gateway.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            return (gateway[..slash] == "." ? space : gateway[..slash], gateway[(slash + 1)..]);
        }

        return gateway.Split('.') is [var name, var owner, ..] ? (owner, name) : (space, gateway);
    }

    private static IEnumerable<(Place At, Destination Destination)> Streams(Place at, Documents.EquatableArray<RouteDestination>[] routes)
    {
        for (var i = 0; i < routes.Length; i++)
        {
            for (var j = 0; j < routes[i].Count; j++)
            {
                if (routes[i][j].Destination is { } destination)
                {
                    yield return (at[i]["route"][j]["destination"], destination);
                }
            }
        }
    }
}
