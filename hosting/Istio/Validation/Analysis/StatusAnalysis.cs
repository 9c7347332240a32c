using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Istio.Validation.Analysis;

/// <summary>Conditions that controllers wrote into the status: resources that a cluster has not accepted.</summary>
internal static class StatusAnalysis
{
    private static readonly string[] Waypoint = ["istio.io/WaypointBound"];
    private static readonly string[] Route = ["Accepted", "Programmed", "ResolvedRefs"];

    private static readonly FrozenDictionary<string, string[]> Conditions = new Dictionary<string, string[]>
    {
        ["Service"] = Waypoint,
        ["ServiceEntry"] = Waypoint,
        ["WorkloadEntry"] = Waypoint,
        ["AuthorizationPolicy"] = ["ZtunnelAccepted", "WaypointAccepted"],
        ["Gateway"] = Route,
        ["HTTPRoute"] = Route,
        ["GRPCRoute"] = Route,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static void Check(Mesh mesh)
    {
        foreach (var document in mesh.Resources.Documents)
        {
            if (document.HasStatus && Conditions.TryGetValue(document.Kind, out var types)
                && document.Json["status"] is JsonObject status)
            {
                var at = mesh.At(document)["status"];
                Check(at["conditions"], status["conditions"], types);
                for (var i = 0; status["parents"] is JsonArray parents && i < parents.Count; i++)
                {
                    Check(at["parents"][i]["conditions"], (parents[i] as JsonObject)?["conditions"], types);
                }
            }
        }
    }

    private static void Check(Place at, JsonNode? conditions, string[] types)
    {
        for (var i = 0; conditions is JsonArray list && i < list.Count; i++)
        {
            if (list[i] is JsonObject condition && Text(condition, "type") is { } type && types.Contains(type)
                && (Text(condition, "status") == "False" || Text(condition, "reason") == "PartiallyInvalid"))
            {
                at[i].Report(AnalysisCodes.NegativeCondition,
                    $"The cluster reports {type}: {Text(condition, "status")} ({Text(condition, "reason")}), {Text(condition, "message")}; "
                    + "correct what it names.");
            }
        }
    }

    private static string? Text(JsonObject condition, string member) =>
        condition[member] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
