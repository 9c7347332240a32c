using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>Where a route sends requests, and its share of them.</summary>
internal static class RouteDestinationRules
{
    public static void CheckRequired(Place at, Destination? destination)
    {
        if (destination is null)
        {
            at["destination"].Reject("destination is missing; every entry of a route has one.");
        }
        else
        {
            Check(at["destination"], destination);
        }
    }

    public static void Check(Place at, Destination destination)
    {
        if (destination.Host is not { } host)
        {
            at["host"].Reject("host is missing; name the service to send requests to.");
        }
        else
        {
            at["host"].Reject(host == "*"
                ? "\"*\" is not a destination; name the service to send requests to."
                : DnsNames.CheckWildcard(host));
        }

        if (destination.Subset is { Length: > 0 } subset && !DnsNames.IsLabel(subset))
        {
            at["subset"].Reject($"\"{subset}\" is not a subset name; use letters, digits and hyphens.");
        }

        if (destination.Port is { } port)
        {
            SharedRules.CheckPort(at["port"]["number"], port.Number ?? 0);
        }
    }

    public static void CheckWeight(Place at, int? weight)
    {
        if (weight < 0)
        {
            at.Reject($"{weight} is not a weight; weights are 0 or more.");
        }
    }

    public static void CheckTotal(Place at, int destinations, long total)
    {
        if (destinations > 1 && total == 0)
        {
            at.Reject(
                $"The weights of the {destinations} destinations add up to 0, so none would get a request; give at least one a weight.");
        }
    }
}
