using Istio.Documents;
using Istio.Networking;

namespace Istio.Validation.Admission;

/// <summary>
/// How endpoints are chosen.
/// Source: https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings
/// </summary>
internal static class LoadBalancerRules
{
    private const ulong MaglevLimit = 5_000_011;

    private static readonly string[] TopologyLabels =
        ["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];

    public static void Check(Place at, LoadBalancerSettings settings, bool hasOutlierDetection)
    {
        Exclusive(at, ("simple", settings.Simple is not null), ("consistentHash", settings.ConsistentHash is not null),
            ("backendUtilization", settings.BackendUtilization is not null));

        if (settings.ConsistentHash is { } hash)
        {
            CheckHash(at["consistentHash"], hash);
        }

        if (settings.LocalityLbSetting is not null && settings.ZoneAwareLbSetting is not null)
        {
            at["zoneAwareLbSetting"].Reject("localityLbSetting and zoneAwareLbSetting exclude each other; keep one of the two.");
        }

        if (settings.LocalityLbSetting is { } locality)
        {
            CheckLocality(at["localityLbSetting"], locality, hasOutlierDetection);
        }

        if (settings.ZoneAwareLbSetting is { } zones)
        {
            CheckZones(at["zoneAwareLbSetting"], zones, hasOutlierDetection);
        }

        SharedRules.CheckDuration(at["warmupDurationSecs"], settings.WarmupDurationSecs);
        if (settings.Warmup is { } warmup)
        {
            SharedRules.Required(at["warmup"], "duration", warmup.Duration is not null, "warmup lasts some time.");
            SharedRules.CheckDuration(at["warmup"]["duration"], warmup.Duration);
            if (warmup.Aggression <= 0)
            {
                at["warmup"]["aggression"].Reject(FormattableString.Invariant(
                    $"{warmup.Aggression} is not possible; aggression is above 0."));
            }
        }
    }

    private static void CheckHash(Place at, ConsistentHashLB hash)
    {
        Exclusive(at, ("httpHeaderName", hash.HttpHeaderName is not null), ("httpCookie", hash.HttpCookie is not null),
            ("useSourceIp", hash.UseSourceIp is not null), ("httpQueryParameterName", hash.HttpQueryParameterName is not null));
        Exclusive(at, ("ringHash", hash.RingHash is not null), ("maglev", hash.Maglev is not null),
            ("minimumRingSize", hash.MinimumRingSize is > 0));
        if (hash.MinimumRingSize is > 0)
        {
            at["minimumRingSize"].Warn("minimumRingSize is deprecated; use ringHash.minimumRingSize.");
        }

        if (hash.Maglev is { } maglev)
        {
            CheckTable(at["maglev"]["tableSize"], maglev.TableSize);
        }

        if (hash.HttpCookie is { } cookie)
        {
            CheckCookie(at["httpCookie"], cookie);
        }
    }

    private static void CheckTable(Place at, ulong? size)
    {
        if (size is null or 0)
        {
            at.Reject("tableSize is missing; Maglev needs a prime number, such as 65537.");
        }
        else if (size >= MaglevLimit)
        {
            at.Reject($"{size} is too large; tableSize is below {MaglevLimit}.");
        }
        else if (!IsPrime(size.Value))
        {
            at.Reject($"{size} is not a prime number, which Maglev needs; use one such as 65537.");
        }
    }

    // Envoy counts 1 as a prime here (source/common/common/utility.cc, Primes::isPrime).
    private static bool IsPrime(ulong number)
    {
        if (number < 4)
        {
            return number > 0;
        }

        if (number % 2 == 0)
        {
            return false;
        }

        for (ulong factor = 3; factor * factor <= number; factor += 2)
        {
            if (number % factor == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static void CheckCookie(Place at, HTTPCookie cookie)
    {
        SharedRules.Required(at, "name", !string.IsNullOrEmpty(cookie.Name), "the cookie needs a name.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < cookie.Attributes.Count; i++)
        {
            var (place, name) = (at["attributes"][i], cookie.Attributes[i].Name);
            SharedRules.Required(place, "name", !string.IsNullOrEmpty(name), "a cookie attribute needs a name.");
            if (!string.IsNullOrEmpty(name) && !names.Add(name))
            {
                place["name"].Reject($"The cookie attribute \"{name}\" is given twice; keep one of the two.");
            }
        }
    }

    private static void CheckLocality(Place at, LocalityLoadBalancerSetting setting, bool hasOutlierDetection)
    {
        if (!setting.Distribute.IsEmpty && !setting.Failover.IsEmpty)
        {
            at["failover"].Reject("distribute and failover exclude each other; keep one of the two.");
            return;
        }

        if (!setting.Failover.IsEmpty && setting.FailoverPriority.Intersect(TopologyLabels).FirstOrDefault() is { } label)
        {
            at["failoverPriority"].Reject(
                $"failover already orders the regions, so failoverPriority cannot name {label}; keep one of the two.");
        }

        for (var i = 0; i < setting.Distribute.Count; i++)
        {
            CheckDistribution(at["distribute"][i], setting.Distribute[i]);
        }

        CheckOverlap(at["distribute"], [.. setting.Distribute.Select(distribution => distribution.From ?? "")]);
        CheckFailover(at, setting.Failover, setting.FailoverPriority, hasOutlierDetection);
    }

    private static void CheckZones(Place at, ZoneAwareLoadBalancerSetting setting, bool hasOutlierDetection)
    {
        if (setting.FailoverPriority.Intersect(TopologyLabels).FirstOrDefault() is { } label)
        {
            at["failoverPriority"].Reject($"Zone-aware balancing orders regions and zones itself; remove {label}.");
        }

        CheckFailover(at, setting.Failover, setting.FailoverPriority, hasOutlierDetection);
    }

    private static void CheckDistribution(Place at, LocalityDistribute distribution)
    {
        long total = 0;
        foreach (var (locality, weight) in distribution.To)
        {
            total += weight;
            if (weight is < 1 or > 100)
            {
                at["to"][locality].Reject($"{weight} is not a share; write 1 to 100.");
                return;
            }
        }

        if (total != 100)
        {
            at["to"].Reject($"The shares add up to {total}; they must add up to 100.");
        }

        CheckOverlap(at["to"], [.. distribution.To.Keys]);
    }

    /// <summary>Localities must be region, zone and sub-zone with a wildcard only at the end, and none may contain another.</summary>
    private static void CheckOverlap(Place at, string[] localities)
    {
        foreach (var locality in localities)
        {
            var parts = locality.Split('/');
            if (parts.Length > 3 || parts.Any(part => part.Length == 0) || locality[..^1].Contains('*'))
            {
                at.Reject($"\"{locality}\" is not a locality; write region/zone/sub-zone, with * only as the last part.");
                return;
            }
        }

        for (var i = 0; i < localities.Length; i++)
        {
            for (var j = 0; j < localities.Length; j++)
            {
                if (i != j && Contains(localities[i], localities[j]))
                {
                    at.Reject($"The locality \"{localities[j]}\" is part of \"{localities[i]}\"; name each place once.");
                    return;
                }
            }
        }
    }

    private static bool Contains(string outer, string inner)
    {
        var prefix = outer == "*" ? "" : outer.EndsWith("/*", StringComparison.Ordinal) ? outer[..^1] : outer + "/";
        return (inner + "/").StartsWith(prefix, StringComparison.Ordinal);
    }

    private static void CheckFailover(
        Place at, EquatableArray<LocalityFailover> failover, EquatableArray<string> priority, bool hasOutlierDetection)
    {
        if ((!failover.IsEmpty || !priority.IsEmpty) && !hasOutlierDetection)
        {
            at.Warn("Failover happens only when outlier detection finds endpoints unhealthy; add outlierDetection beside loadBalancer.");
        }

        for (var i = 0; i < failover.Count; i++)
        {
            var (from, to) = (failover[i].From ?? "", failover[i].To ?? "");
            if (from == to)
            {
                at["failover"][i].Reject($"The failover leads from \"{from}\" to itself; name two regions.");
            }
            else if (from.ContainsAny('/', '*') || to.ContainsAny('/', '*'))
            {
                at["failover"][i].Reject("Failover is between regions; write region names without slash and wildcard.");
            }
        }
    }

    private static void Exclusive(Place at, params ReadOnlySpan<(string Name, bool Present)> members)
    {
        string? first = null;
        foreach (var (name, present) in members)
        {
            if (present && first is not null)
            {
                at[name].Reject($"{first} and {name} exclude each other; keep one of the two.");
            }

            first ??= present ? name : null;
        }
    }
}
