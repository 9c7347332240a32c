using System.Globalization;
using Istio.Documents;
using Istio.Networking;

namespace Istio.Validation.Traps;

/// <summary>Traps of DestinationRules: ejection that cannot happen, limits that are none, stickiness that a split breaks.</summary>
internal static class DestinationRuleTraps
{
    // Istio takes Envoy's default when the field is absent or 0.
    private const int DefaultMaxEjection = 10;

    public static void Check(Mesh mesh)
    {
        foreach (var (document, rule) in mesh.Resources.OfType<DestinationRule>())
        {
            var (at, spec) = (mesh.At(document)["spec"], rule.Spec);
            CheckPools(at["trafficPolicy"], spec.TrafficPolicy);
            CheckEjection(mesh, at, spec);
            for (var i = 0; i < spec.Subsets.Count; i++)
            {
                CheckPools(at["subsets"][i]["trafficPolicy"], spec.Subsets[i].TrafficPolicy);
            }
        }

        CheckDuplicates(mesh);
        CheckSplits(mesh);
    }

    private static void CheckEjection(Mesh mesh, Place at, DestinationRuleSpec spec)
    {
        if (mesh.FindService(Mesh.Resolve(spec.Host ?? "", at.Document.Namespace)) is not { } service)
        {
            return;
        }

        var general = spec.TrafficPolicy?.OutlierDetection;
        var place = at["trafficPolicy"];
        var isReported = ReportEjection(place["outlierDetection"], general, mesh.CountEndpoints(service), $"\"{spec.Host}\" has");
        for (var i = 0; i < (spec.TrafficPolicy?.PortLevelSettings.Count ?? 0); i++)
        {
            ReportEjection(place["portLevelSettings"][i]["outlierDetection"], spec.TrafficPolicy!.PortLevelSettings[i].OutlierDetection,
                mesh.CountEndpoints(service), $"\"{spec.Host}\" has");
        }

        for (var i = 0; i < spec.Subsets.Count; i++)
        {
            // Each subset is a cluster of its own to Envoy, with its own count.
            var own = spec.Subsets[i].TrafficPolicy?.OutlierDetection;
            var endpoints = mesh.CountEndpoints(service, spec.Subsets[i].Labels);
            if (own is not null || !isReported)
            {
                ReportEjection(own is null
                    ? at["subsets"][i]
                    : at["subsets"][i]["trafficPolicy"]["outlierDetection"], own ?? general, endpoints,
                        $"Subset \"{spec.Subsets[i].Name}\" has");
            }
        }
    }

    private static bool ReportEjection(Place at, OutlierDetection? outlier, int? endpoints, string subject)
    {
        if (outlier is null || endpoints is not > 0)
        {
            return false;
        }

        var percent = outlier.MaxEjectionPercent is null or 0 ? DefaultMaxEjection : outlier.MaxEjectionPercent.Value;
        if (endpoints == 1)
        {
            at.Report(TrapCodes.EjectionOfTheOnly,
                $"{subject} one endpoint, which is ejected only at maxEjectionPercent 100 and then leaves nobody to answer; run more "
                + "replicas, or remove outlierDetection.");
            return true;
        }

        if (percent * endpoints >= 100)
        {
            return false;
        }

        var needed = string.Join(", ", Enumerable.Range(1, Math.Min(endpoints.Value, 3)).Select(count =>
            $"{(100 * count + endpoints - 1) / endpoints} for "
            + $"{(count == endpoints ? "all" : count.ToString(CultureInfo.InvariantCulture))}"));
        at.Report(TrapCodes.EjectionNever,
            $"{subject} {endpoints} endpoints, of which one is {(100.0 / endpoints.Value).ToString("0.#", CultureInfo.InvariantCulture)} "
            + "%, more than maxEjectionPercent "
            + $"{percent}{(outlier.MaxEjectionPercent is null or 0 ? " (the default)" : "")}, so none is ever ejected; set it to "
            + $"{needed}.");
        return true;
    }

    private static void CheckPools(Place at, TrafficPolicy? policy)
    {
        CheckPool(at["connectionPool"], policy?.ConnectionPool);
        for (var i = 0; i < (policy?.PortLevelSettings.Count ?? 0); i++)
        {
            CheckPool(at["portLevelSettings"][i]["connectionPool"], policy!.PortLevelSettings[i].ConnectionPool);
        }
    }

    private static void CheckPool(Place at, ConnectionPoolSettings? pool)
    {
        foreach (var (group, name, value) in new[]
        {
            ("tcp", "maxConnections", pool?.Tcp?.MaxConnections), ("http", "http1MaxPendingRequests", pool?.Http?.Http1MaxPendingRequests),
            ("http", "http2MaxRequests", pool?.Http?.Http2MaxRequests), ("http", "maxRetries", pool?.Http?.MaxRetries),
        })
        {
            if (value == 0)
            {
                at[group][name].Report(TrapCodes.LimitOfZero,
                    $"{name}: 0 means not set, which is no limit; write 1 for the smallest limit, or remove it.");
            }
        }
    }

    private static void CheckDuplicates(Mesh mesh)
    {
        var groups = mesh.Resources.OfType<DestinationRule>()
            .Where(pair => pair.Resource.Spec is { TrafficPolicy: not null, WorkloadSelector: null })
            .GroupBy(pair => (pair.Document.Namespace, Host: Mesh.Resolve(pair.Resource.Spec.Host ?? "", pair.Document.Namespace)));
        foreach (var group in groups.Where(group => group.Count() > 1))
        {
            foreach (var (document, rule) in group)
            {
                var others = Others.Take(group.Where(other => Others.Than(document, other.Document)).Select(other => other.Document.Name));
                if (others.Length == 0)
                {
                    continue;
                }

                mesh.At(document)["spec"]["host"].Report(TrapCodes.RulesForOneHost,
                    $"DestinationRule {Others.Words(others)} has a trafficPolicy for \"{rule.Spec.Host}\" too, and only the oldest one "
                    + "counts; merge them.");
            }
        }
    }

    private static void CheckSplits(Mesh mesh)
    {
        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>())
        {
            for (var i = 0; i < service.Spec.Http.Count; i++)
            {
                var hosts = service.Spec.Http[i].Route.Where(route => route.Weight is > 0)
                    .GroupBy(route => Mesh.Resolve(route.Destination?.Host ?? "", document.Namespace), StringComparer.Ordinal);
                if (hosts.FirstOrDefault(group => group.Count() > 1 && mesh.Rules[group.Key]
                    .Any(rule => HasHash(rule.Resource.Spec))) is { } split)
                {
                    mesh.At(document)["spec"]["http"][i]["route"].Report(TrapCodes.SplitBreaksHash,
                        $"The split over {split.Count()} destinations is drawn for every request, so consistentHash of "
                        + $"\"{split.First().Destination!.Host}\" keeps a caller to one endpoint "
                        + "within a draw only; choose the subset by a match instead.");
                }
            }
        }
    }

    private static bool HasHash(DestinationRuleSpec spec) =>
        spec.TrafficPolicy?.LoadBalancer?.ConsistentHash is not null || spec.Subsets
            .Any(subset => subset.TrafficPolicy?.LoadBalancer?.ConsistentHash is not null);
}
