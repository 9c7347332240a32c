using Istio.Documents;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a VirtualService as a whole, and in its TLS and TCP routes.
/// Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/
/// </summary>
internal static class VirtualServiceRules
{
    public const string Mesh = "mesh";

    public static void Check(Place at, VirtualService service)
    {
        var (place, spec) = (at["spec"], service.Spec);
        var isDelegate = spec.Hosts.IsEmpty;
        CheckParts(place, spec, isDelegate);
        SharedRules.CheckGatewayNames(place["gateways"], spec.Gateways);
        CheckHosts(place["hosts"], spec);
        for (var i = 0; i < spec.Http.Count; i++)
        {
            HttpRouteRules.Check(place["http"][i], spec.Http[i], isDelegate, IsBoundToGatewaysOnly(spec));
        }

        for (var i = 0; i < spec.Tls.Count; i++)
        {
            CheckTlsRoute(place["tls"][i], spec.Tls[i], spec);
        }

        for (var i = 0; i < spec.Tcp.Count; i++)
        {
            CheckTcpRoute(place["tcp"][i], spec.Tcp[i]);
        }

        SharedRules.CheckExportTo(place["exportTo"], spec.ExportTo);
    }

    /// <summary>True when no sidecar executes the rules.</summary>
    public static bool IsBoundToGatewaysOnly(VirtualServiceSpec spec) => spec.Gateways is { IsEmpty: false } gateways
        && !gateways.Contains(Mesh);

    private static void CheckParts(Place at, VirtualServiceSpec spec, bool isDelegate)
    {
        if (spec.Http.IsEmpty && spec.Tls.IsEmpty && spec.Tcp.IsEmpty)
        {
            at.Reject("The VirtualService has no rules; add http, tls or tcp.");
        }

        if (!isDelegate)
        {
            return;
        }

        foreach (var (member, isEmpty) in new[]
            { ("gateways", spec.Gateways.IsEmpty), ("tls", spec.Tls.IsEmpty), ("tcp", spec.Tcp.IsEmpty) })
        {
            if (!isEmpty)
            {
                at[member].Reject($"A VirtualService without hosts is a delegate and cannot have {member}; add hosts, or remove {member}.");
            }
        }
    }

    private static void CheckHosts(Place at, VirtualServiceSpec spec)
    {
        var gatewaysOnly = IsBoundToGatewaysOnly(spec);
        var hasSni = spec.Tls.Any(route => route.Match.Any(match => !match.SniHosts.IsEmpty));
        var sound = true;
        for (var i = 0; i < spec.Hosts.Count; i++)
        {
            var host = spec.Hosts[i];
            if (CheckHost(host, gatewaysOnly && hasSni) is { } fault)
            {
                at[i].Reject(fault);
                sound = false;
            }
            else if (host == "*" && !gatewaysOnly)
            {
                at[i].Reject("\"*\" is not possible for calls inside the mesh; name the hosts, or bind the VirtualService to a gateway.");
                sound = false;
            }
        }

        for (var i = 0; sound && i < spec.Hosts.Count; i++)
        {
            for (var j = i + 1; j < spec.Hosts.Count; j++)
            {
                if (DnsNames.Overlap(spec.Hosts[i], spec.Hosts[j]))
                {
                    at[j].Reject($"\"{spec.Hosts[j]}\" and \"{spec.Hosts[i]}\" have hosts in common; remove one of the two.");
                }
            }
        }
    }

    private static string? CheckHost(string host, bool mayBeGenerated) =>
        IpAddresses.IsAddress(host) || (mayBeGenerated && IsGeneratedSni(host)) ? null : DnsNames.CheckWildcard(host);

    /// <summary>The SNI by which Istio's own multi-network gateways route: <c>outbound_.80_._.ping.shop.svc.cluster.local</c>.</summary>
    private static bool IsGeneratedSni(string host) =>
        host.Split('_') is ["outbound", ['.', .. var port], _, ['.', .. var name]] && port.Any(char.IsAsciiDigit) && name
            .Any(char.IsAsciiLetter);

    private static void CheckTlsRoute(Place at, TLSRoute route, VirtualServiceSpec spec)
    {
        if (route.Match.IsEmpty)
        {
            at["match"].Reject("A TLS route needs a match; add match with sniHosts.");
        }

        for (var i = 0; i < route.Match.Count; i++)
        {
            var (match, place) = (route.Match[i], at["match"][i]);
            if (match.SniHosts.IsEmpty)
            {
                place["sniHosts"].Reject("A TLS match needs at least one SNI host; add sniHosts.");
            }

            for (var j = 0; j < match.SniHosts.Count; j++)
            {
                CheckSniHost(place["sniHosts"][j], match.SniHosts[j], spec);
            }

            CheckConnection(place, match.DestinationSubnets, match.Port, match.SourceLabels, match.Gateways, match.SourceNamespace);
        }

        CheckDestinations(at, route.Route, "TLS");
    }

    private static void CheckSniHost(Place at, string host, VirtualServiceSpec spec)
    {
        if (IpAddresses.IsAddress(host))
        {
            at.Warn($"\"{host}\" is an IP address, which clients do not send as SNI; use a host name.");
            return;
        }

        if (CheckHost(host, IsBoundToGatewaysOnly(spec)) is { } fault)
        {
            at.Reject(fault);
        }
        else if (!spec.Hosts.Any(outer => DnsNames.Covers(outer, host)))
        {
            at.Reject($"\"{host}\" is none of the VirtualService's hosts ({string.Join(", ", spec.Hosts)}); add it to hosts.");
        }
    }

    private static void CheckTcpRoute(Place at, TCPRoute route)
    {
        for (var i = 0; i < route.Match.Count; i++)
        {
            var match = route.Match[i];
            CheckConnection(at["match"][i], match.DestinationSubnets, match.Port, match.SourceLabels, match.Gateways,
                match.SourceNamespace);
        }

        CheckDestinations(at, route.Route, "TCP");
    }

    private static void CheckConnection(
        Place at, EquatableArray<string> subnets, uint? port, EquatableDictionary<string> sourceLabels, EquatableArray<string> gateways,
            string? sourceNamespace)
    {
        for (var i = 0; i < subnets.Count; i++)
        {
            at["destinationSubnets"][i].Reject(IpAddresses.CheckAddressOrCidr(subnets[i]));
        }

        if (port is { } number and not 0)
        {
            SharedRules.CheckPort(at["port"], number);
        }

        SharedRules.CheckLabels(at["sourceLabels"], sourceLabels);
        SharedRules.CheckGatewayNames(at["gateways"], gateways);
        if (sourceNamespace is { Length: > 0 } && !DnsNames.IsLabel(sourceNamespace))
        {
            at["sourceNamespace"].Reject($"\"{sourceNamespace}\" is not a namespace; use letters, digits and hyphens.");
        }
    }

    private static void CheckDestinations(Place at, EquatableArray<RouteDestination> route, string protocol)
    {
        if (route.IsEmpty)
        {
            at["route"].Reject($"A {protocol} route needs a destination; add route.");
        }

        for (var i = 0; i < route.Count; i++)
        {
            var place = at["route"][i];
            RouteDestinationRules.CheckRequired(place, route[i].Destination);
            RouteDestinationRules.CheckWeight(place["weight"], route[i].Weight);
        }

        RouteDestinationRules.CheckTotal(at["route"], route.Count, route.Sum(destination => (long)(destination.Weight ?? 0)));
    }
}
