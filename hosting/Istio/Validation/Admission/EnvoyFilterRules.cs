using System.Text.Json;
using Istio.Networking;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in an EnvoyFilter, without Envoy's own schemas: the content of a patch is Envoy's matter.
/// Source: https://istio.io/latest/docs/reference/config/networking/envoy-filter/
/// </summary>
internal static class EnvoyFilterRules
{
    private const string ConnectionManager = "envoy.filters.network.http_connection_manager";
    private const string LocalRateLimit = "local_ratelimit";

    public static void Check(Place at, EnvoyFilter filter)
    {
        var (place, spec) = (at["spec"], filter.Spec);

        // There is no other way to say a local rate limit in Istio, so a warning there would tell nobody anything.
        if (!spec.ConfigPatches.Any(patch => patch.Patch?.Value?.ToString().Contains(LocalRateLimit, StringComparison.Ordinal) == true))
        {
            place.Warn(
                "An EnvoyFilter depends on Envoy's internals, which change between versions; prefer another resource where there is one.");
        }

        if (spec.WorkloadSelector is { } selector)
        {
            SharedRules.CheckSelectorLabels(place["workloadSelector"]["labels"], selector.Labels);
            if (!spec.TargetRefs.IsAbsent)
            {
                place["targetRefs"].Reject("workloadSelector and targetRefs exclude each other; keep one of the two.");
            }
        }

        PolicyTargetRules.CheckTargets(place["targetRefs"], spec.TargetRefs);
        for (var i = 0; i < spec.ConfigPatches.Count; i++)
        {
            CheckPatch(place["configPatches"][i], spec.ConfigPatches[i]);
        }
    }

    private static void CheckPatch(Place at, EnvoyConfigObjectPatch patch)
    {
        CheckObjectTypes(at["match"], patch.Match);
        if (patch.Match?.Context == PatchContext.Waypoint)
        {
            return;
        }

        if (patch.ApplyTo is null or PatchTarget.Invalid)
        {
            at["applyTo"].Reject("applyTo is missing; say what to patch, such as HTTP_FILTER.");
        }
        else if (patch.Patch is not { } change)
        {
            at["patch"].Reject("patch is missing; add operation and value.");
        }
        else if (change.Operation is null or PatchOperation.Invalid)
        {
            at["patch"]["operation"].Reject("operation is missing; say how to patch, such as MERGE or INSERT_FIRST.");
        }
        else if (change.Operation != PatchOperation.Remove && change.Value is null)
        {
            at["patch"]["value"].Reject($"{change.Operation} needs a value; add it.");
        }
        else
        {
            CheckMatch(at["match"], patch.Match, patch.ApplyTo);
            if (change.Value is { } value)
            {
                CheckValue(at["patch"]["value"], value.Element);
            }
        }
    }

    /// <summary>What no message of Envoy is: a name that is no text, and a type of the API's version 2.</summary>
    private static void CheckValue(Place at, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("name", out var name) && name.ValueKind != JsonValueKind.String)
        {
            at["name"].Reject($"{name.GetRawText()} is not a name; write text.");
        }

        CheckTypes(at, value);
    }

    private static void CheckTypes(Place at, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                CheckTypes(at[index++], item);
            }
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                if (member.NameEquals("@type") && member.Value.ValueKind == JsonValueKind.String && IsVersion2(member.Value.GetString()!))
                {
                    at["@type"].Reject(
                        $"\"{member.Value}\" is of Envoy's API version 2, which Envoy has removed; use the type of version 3.");
                }

                CheckTypes(at[member.Name], member.Value);
            }
        }
    }

    private static bool IsVersion2(string type) =>
        type.Contains("/envoy.", StringComparison.Ordinal)
        && (type.Contains(".v2.", StringComparison.Ordinal) || type.Contains(".v2alpha", StringComparison.Ordinal));

    private static void CheckObjectTypes(Place at, EnvoyConfigObjectMatch? match)
    {
        if (match is null)
        {
            return;
        }

        var types = ObjectTypes(match).ToArray();
        if (types.Length > 1)
        {
            at.Reject($"{string.Join(" and ", types)} exclude each other; keep one of them.");
        }

        if (match.Waypoint?.PortNumber is { } port)
        {
            SharedRules.CheckPort(at["waypoint"]["portNumber"], port);
        }

        if (match.Context == PatchContext.Waypoint != match.Waypoint is not null)
        {
            at.Reject("context WAYPOINT and the waypoint match belong together; add the missing one, or remove the other.");
        }
    }

    private static IEnumerable<string> ObjectTypes(EnvoyConfigObjectMatch match) =>
        new[]
        {
            ("listener", match.Listener is not null), ("routeConfiguration", match.RouteConfiguration is not null),
            ("cluster", match.Cluster is not null), ("waypoint", match.Waypoint is not null),
        }.Where(type => type.Item2).Select(type => type.Item1);

    private static void CheckMatch(Place at, EnvoyConfigObjectMatch? match, string applyTo)
    {
        if (match is null)
        {
            return;
        }

        if (match.Proxy?.ProxyVersion is { Length: > 0 } version)
        {
            if (version.Length > 1024)
            {
                at["proxy"]["proxyVersion"].Warn($"The expression has {version.Length} characters and is ignored; at most 1024 are read.");
            }
            else
            {
                at["proxy"]["proxyVersion"].Reject(Regexes.CheckPattern(version));
            }
        }

        var needed = applyTo switch
        {
            PatchTarget.Listener or PatchTarget.FilterChain or PatchTarget.NetworkFilter or PatchTarget.HttpFilter => "listener",
            PatchTarget.RouteConfiguration or PatchTarget.VirtualHost or PatchTarget.HttpRoute => "routeConfiguration",
            PatchTarget.Cluster => "cluster",
            _ => null,
        };
        if (needed is not null && ObjectTypes(match).FirstOrDefault(type => type != needed) is { } other)
        {
            at[other].Reject($"{applyTo} is found by a {needed} match, not by {other}; use {needed}.");
        }
        else if (match.Listener?.FilterChain?.Filter is { } filter && needed == "listener")
        {
            CheckFilter(at["listener"]["filterChain"]["filter"], filter, applyTo);
        }
    }

    private static void CheckFilter(Place at, FilterMatch filter, string applyTo)
    {
        if (applyTo is PatchTarget.Listener or PatchTarget.FilterChain)
        {
            at.Warn($"A filter match has no effect for {applyTo}; remove it.");
        }

        if (string.IsNullOrEmpty(filter.Name))
        {
            at["name"].Reject("The filter match has no name; name the filter.");
        }
        else if (filter.SubFilter is not { } sub)
        {
            return;
        }
        else if (applyTo != PatchTarget.HttpFilter)
        {
            at["subFilter"].Reject($"subFilter finds HTTP filters and cannot be used for {applyTo}; use applyTo: HTTP_FILTER.");
        }
        else if (filter.Name is not (ConnectionManager or "envoy.http_connection_manager"))
        {
            at["name"].Reject($"HTTP filters are inside {ConnectionManager}; match that filter.");
        }
        else
        {
            SharedRules.Required(at["subFilter"], "name", !string.IsNullOrEmpty(sub.Name), "name the HTTP filter.");
        }
    }
}
