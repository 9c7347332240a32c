using System.Globalization;
using Istio.Documents;
using Istio.Networking;

namespace Istio.Validation.Traps;

/// <summary>Traps inside one HTTP route of a VirtualService.</summary>
internal static class RouteTraps
{
    public static void Check(Mesh mesh)
    {
        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>())
        {
            for (var i = 0; i < service.Spec.Http.Count; i++)
            {
                var (at, route) = (mesh.At(document)["spec"]["http"][i], service.Spec.Http[i]);
                RetryTraps.Check(at, route);
                CheckFault(at, route);
                CheckMirrors(at, route);
                CheckWeights(at["route"], [.. route.Route.Select(destination => destination.Weight ?? 0)]);
                PathTraps.Check(at, route);
                CheckIdentity(at["match"], route.Match);
            }

            CheckStreams(mesh.At(document)["spec"], service.Spec);
        }
    }

    private static void CheckStreams(Place at, VirtualServiceSpec spec)
    {
        for (var i = 0; i < spec.Tls.Count; i++)
        {
            CheckWeights(at["tls"][i]["route"], [.. spec.Tls[i].Route.Select(destination => destination.Weight ?? 0)]);
        }

        for (var i = 0; i < spec.Tcp.Count; i++)
        {
            CheckWeights(at["tcp"][i]["route"], [.. spec.Tcp[i].Route.Select(destination => destination.Weight ?? 0)]);
        }
    }

    private static void CheckFault(Place at, HTTPRoute route)
    {
        if (route.Fault is not { } fault)
        {
            return;
        }

        if (fault.Abort is not null && route.Retries is { Attempts: > 0 })
        {
            at["fault"]["abort"].Report(TrapCodes.FaultHidesRetries,
                "The injected abort comes before the router, so the retries beside it never see it; inject the fault in the service that "
                + "is called.");
        }

        if (fault.Delay?.FixedDelay?.Value is { } delay && route.Timeout?.Value is { Ticks: > 0 } timeout)
        {
            at["fault"]["delay"].Report(TrapCodes.FaultHidesRetries,
                $"The injected delay of {Seconds(delay)} comes before the router, so it does not count against the timeout of "
                + $"{Seconds(timeout)}; inject it in the service that is called.");
        }

        if (fault.Abort is { Percentage: null or { Value: null or 0 } })
        {
            at["fault"]["abort"].Report(TrapCodes.FaultNever,
                "The abort happens to 0 % of the requests; add percentage: {value: 100}, or remove it.");
        }

        if (fault.Delay is { Percentage: null, Percent: null or 0 } or { Percentage.Value: null or 0 })
        {
            at["fault"]["delay"].Report(TrapCodes.FaultNever,
                "The delay happens to 0 % of the requests; add percentage: {value: 100}, or remove it.");
        }
    }

    private static void CheckMirrors(Place at, HTTPRoute route)
    {
        if (route.Mirror is not null && route.MirrorPercentage is { Value: null or 0 })
        {
            at["mirrorPercentage"].Report(TrapCodes.MirrorNever,
                "0 % of the requests are mirrored; raise the percentage, or remove the mirror.");
        }

        for (var i = 0; i < route.Mirrors.Count; i++)
        {
            if (route.Mirrors[i].Percentage is { Value: null or 0 })
            {
                at["mirrors"][i]["percentage"].Report(TrapCodes.MirrorNever,
                    "0 % of the requests are mirrored; raise the percentage, or remove the mirror.");
            }
        }
    }

    private static void CheckWeights(Place at, int[] weights)
    {
        long total = weights.Sum(weight => (long)weight);
        if (weights.Any(weight => weight < 0) || total is 0 or 100)
        {
            return;
        }

        at.Report(TrapCodes.Weights, weights.Length == 1
            ? $"A single destination gets all requests, not {weights[0]} of 100; remove the weight, or add the other destinations."
            : $"The weights {string.Join(" + ", weights)} add up to {total}, so the shares are "
                + $"{string.Join(", ", weights.Select(weight => Percent(weight, total)))}; write weights that add up to 100.");
    }

    private static void CheckIdentity(Place at, EquatableArray<HTTPMatchRequest> matches)
    {
        for (var i = 0; i < matches.Count; i++)
        {
            foreach (var (field, present) in new[] { ("sourceLabels", !matches[i].SourceLabels.IsEmpty),
                ("sourceNamespace", !string.IsNullOrEmpty(matches[i].SourceNamespace)) })
            {
                if (present)
                {
                    at[i][field].Report(TrapCodes.NotEmulated,
                        $"{field} asks which workload is calling, which a local run does not know; test the rule in a cluster.");
                }
            }
        }
    }

    /// <summary>A time in seconds: 2s, 0.25s.</summary>
    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s";

    private static string Percent(long part, long whole) => (100.0 * part / whole).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
