using System.Net;
using System.Numerics;
using Gateway.Clusters;
using Gateway.Routing;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy;

/// <summary>
/// The hash by which a request's host is chosen. Envoy draws the destination first, by weight, and then hashes what the route says; Istio
/// gives the route what each of its destinations hashes, the drawn one's and the others'.
/// </summary>
/// <remarks>
/// istio/istio pilot/pkg/networking/core/route/route.go, processWeightedDestination; envoyproxy/envoy source/common/http/hash_policy.cc,
/// generateHash.
/// </remarks>
internal static class RouteHash
{
    /// <summary>The hash of a request; null when the choice does not depend on the request, or it has nothing to hash.</summary>
    /// <param name="request">The request; gets the cookies that its response must carry.</param>
    /// <param name="forward">What the route does with it.</param>
    /// <param name="cluster">The cluster of the destination that was drawn.</param>
    public static ulong? Of(ProxyRequest request, ForwardAction forward, Cluster cluster)
    {
        if (!cluster.UsesHash)
        {
            return null;
        }

        ulong? hash = null;
        foreach (var destination in forward.Clusters)
        {
            if (request.Chain.Clusters.Find(destination.Key) is { HashPolicy: { } policy })
            {
                hash = Add(request, policy, hash);
            }
        }

        return hash;
    }

    /// <summary>The same policy twice must not cancel itself out: what there is is rotated by a bit.</summary>
    private static ulong? Add(ProxyRequest request, Clusters.Balancing.HashPolicy policy, ulong? hash)
    {
        var connection = request.Connection;
        var local = connection.LocalIpAddress is { } address ? new IPEndPoint(address, connection.LocalPort) : null;
        if (policy.Compute(request.Head, local, connection.RemotePort, out var cookie) is not { } own)
        {
            return hash;
        }

        request.AffinityCookies = cookie is null ? request.AffinityCookies : StringValues.Concat(request.AffinityCookies, cookie);
        return BitOperations.RotateLeft(hash ?? 0, 1) ^ own;
    }
}
