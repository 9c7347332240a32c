using System.Globalization;
using System.Text.Json.Nodes;
using Istio.Documents;

namespace Dashboard.Mesh;

/// <summary>A destination of a route, and its weight.</summary>
internal sealed record RouteDestination(string Name, int Weight);

/// <summary>What can be changed in a route of a VirtualService: the weights of its destinations and its fault.</summary>
internal sealed record RouteControls(
    string VirtualService, int Index, string Name, IReadOnlyList<RouteDestination> Destinations, FaultSetting? Fault)
{
    /// <summary>The routes of all VirtualServices that send requests somewhere.</summary>
    public static IReadOnlyList<RouteControls> In(MeshDocuments mesh) =>
        [.. mesh.Rules.Where(document => document.Kind == "VirtualService").SelectMany(RoutesOf)];

    private static IEnumerable<RouteControls> RoutesOf(ResourceDocument document)
    {
        if (document.Json["spec"]?["http"] is not JsonArray routes)
        {
            yield break;
        }

        foreach (var (index, route) in routes.Index())
        {
            if (route is JsonObject && route["route"] is JsonArray { Count: > 0 } destinations)
            {
                yield return new RouteControls(
                    document.Name,
                    index,
                    (route["name"] as JsonValue)?.ToString() ?? (index + 1).ToString(CultureInfo.InvariantCulture),
                    [.. destinations.Select(DestinationOf)],
                    FaultOf(route["fault"]));
            }
        }
    }

    private static RouteDestination DestinationOf(JsonNode? destination)
    {
        var target = destination?["destination"];
        var subset = (target?["subset"] as JsonValue)?.ToString();
        var host = (target?["host"] as JsonValue)?.ToString() ?? "";
        return new RouteDestination(subset is null ? host : $"{host} {subset}", (int)(Number(destination?["weight"]) ?? 0));
    }

    private static FaultSetting? FaultOf(JsonNode? fault) => fault is null ? null : new FaultSetting(
        (int?)Number(fault["abort"]?["httpStatus"]),
        Number(fault["abort"]?["percentage"]?["value"]) ?? 0,
        (fault["delay"]?["fixedDelay"] as JsonValue)?.ToString() is { } text && Duration.TryParse(text, out var delay) ? delay : null,
        Number(fault["delay"]?["percentage"]?["value"]) ?? 0);

    private static double? Number(JsonNode? node) =>
        node is JsonValue value && double.TryParse(value.ToString(), CultureInfo.InvariantCulture, out var number) ? number : null;
}
