using Istio.Documents;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>Checks that many kinds have in common: numbers, durations, labels, visibility.</summary>
internal static class SharedRules
{
    /// <summary>A member that the schema requires.</summary>
    public static void Required(Place at, string member, bool present, string reason)
    {
        if (!present)
        {
            at[member].Reject($"{member} is missing; {reason}");
        }
    }

    /// <summary>At least 1 ms, in whole milliseconds; null is absent.</summary>
    public static void CheckDuration(Place at, Duration? duration)
    {
        if (duration is not { } written)
        {
            return;
        }

        if (written.Nanoseconds is not { } nanoseconds)
        {
            at.Reject($"\"{written.Text}\" is not a duration; write a number and a unit, such as 5s, 100ms or 1m30s.");
        }
        else if (nanoseconds < 1_000_000)
        {
            at.Reject($"\"{written.Text}\" is too short; the shortest duration is 1ms.");
        }
        else if (nanoseconds % 1_000_000 != 0)
        {
            at.Reject($"\"{written.Text}\" has fractions of a millisecond; write whole milliseconds.");
        }
    }

    /// <summary>1 to 65535.</summary>
    public static void CheckPort(Place at, long number)
    {
        if (number is < 1 or > 65535)
        {
            at.Reject($"{number} is not a port; ports are 1 to 65535.");
        }
    }

    /// <summary>0 to 100, whole.</summary>
    public static void CheckPercent(Place at, long? percent)
    {
        if (percent is < 0 or > 100)
        {
            at.Reject($"{percent} is not a percentage; write 0 to 100.");
        }
    }

    /// <summary>0, or 0.0001 to 100: the resolution of Envoy's fractions.</summary>
    public static void CheckPercentage(Place at, double? percent)
    {
        if (percent is < 0 or > 100)
        {
            at.Reject(FormattableString.Invariant($"{percent} is not a percentage; write 0 to 100."));
        }
        else if (percent is > 0 and < 0.0001)
        {
            at.Reject(FormattableString.Invariant(
                $"{percent} is below the smallest share of requests, 0.0001 %; write 0 or more than that."));
        }
    }

    /// <summary>Keys and values of labels.</summary>
    public static void CheckLabels(Place at, EquatableDictionary<string> labels)
    {
        foreach (var (key, value) in labels)
        {
            at[key].Reject(LabelSyntax.CheckKey(key) ?? LabelSyntax.CheckValue(value));
        }
    }

    /// <summary>Labels that select workloads: no empty key, no wildcard; none at all is suspicious.</summary>
    public static void CheckSelectorLabels(Place at, EquatableDictionary<string> labels)
    {
        foreach (var (key, value) in labels)
        {
            if (key.Length == 0)
            {
                at[key].Reject("A selector has an empty label key; write the label's name.");
            }
            else if (key.Contains('*') || value.Contains('*'))
            {
                at[key].Reject($"\"{key}: {value}\" has a wildcard, which selectors do not know; write the exact label.");
            }
            else if (value.Length > 63)
            {
                at[key].Reject($"The value of {key} has {value.Length} characters; label values have at most 63.");
            }
        }

        if (labels.IsEmpty)
        {
            at.Warn("The selector has no labels and so selects every workload of the namespace; add labels, or remove the selector.");
        }
    }

    /// <summary>The namespaces to which a resource is visible.</summary>
    public static void CheckExportTo(Place at, EquatableArray<string> exportTo, bool isServiceEntry = false)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < exportTo.Count; i++)
        {
            var entry = exportTo[i];
            if (entry is not ("." or "*") && !(entry == "~" && isServiceEntry) && !DnsNames.IsLabel(entry))
            {
                at[i].Reject(entry == "~"
                    ? "\"~\" (visible to nobody) is for ServiceEntries only; write \".\", \"*\" or a namespace."
                    : $"\"{entry}\" is not a namespace; write \".\" for this one, \"*\" for all, or a name.");
            }
            else if (!seen.Add(entry == "." ? at.Document.Namespace : entry))
            {
                at[i].Reject(entry == "." || entry == at.Document.Namespace
                    ? $"The namespace {at.Document.Namespace} is named twice, once as \".\"; keep one of the two."
                    : $"\"{entry}\" is named twice; keep one of the two.");
            }
        }

        if (exportTo.Count > 1 && seen.Overlaps(["*", "~"]))
        {
            at.Reject($"\"{(seen.Contains("*") ? "*" : "~")}\" stands next to other namespaces; write it alone.");
        }
    }

    /// <summary>References to gateways: <c>mesh</c>, a name, or namespace/name.</summary>
    public static void CheckGatewayNames(Place at, EquatableArray<string> gateways)
    {
        for (var i = 0; i < gateways.Count; i++)
        {
            CheckGatewayName(at[i], gateways[i]);
        }
    }

    private static void CheckGatewayName(Place at, string gateway)
    {
        var slash = gateway.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            at.Reject(DnsNames.CheckFqdn(gateway));
            if (gateway.Split('.') is [var shortName, var owner, ..])
            {
                at.Warn($"\"{gateway}\" is the old form of a gateway's name; write {owner}/{shortName}.");
            }

            return;
        }

        var (space, name) = (gateway[..slash], gateway[(slash + 1)..]);
        var isInternal = name.Contains("~istio-autogenerated-k8s-gateway~", StringComparison.Ordinal);
        if (!DnsNames.IsLabel(space) || !(DnsNames.IsLabel(name) || isInternal))
        {
            at.Reject($"\"{gateway}\" does not name a gateway; write namespace/name, each of letters, digits and hyphens.");
        }
    }
}
