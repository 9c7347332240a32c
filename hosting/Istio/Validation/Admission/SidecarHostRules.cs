using Istio.Documents;
using Istio.Validation.Syntax;

namespace Istio.Validation.Admission;

/// <summary>The hosts that a Sidecar lets its workload reach: <c>namespace/host</c>, with wildcards.</summary>
internal static class SidecarHostRules
{
    public static void Check(Place at, EquatableArray<string> hosts)
    {
        if (hosts.IsEmpty)
        {
            at.Reject("The listener has no hosts; add namespace/host, such as ./* or istio-system/*.");
        }

        var seen = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        for (var i = 0; i < hosts.Count; i++)
        {
            var host = hosts[i];
            var slash = host.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
            {
                at[i].Reject($"\"{host}\" has no namespace; write namespace/host, such as ./{host}.");
                continue;
            }

            CheckHost(at[i], host[..slash], host[(slash + 1)..]);
            if (!host.StartsWith('~'))
            {
                CheckTwice(at[i], seen, host[..slash] == "." ? at.Document.Namespace : host[..slash], host[(slash + 1)..]);
            }
        }

        if (seen.Count > 1 && seen.TryGetValue("*", out var everywhere) && everywhere.Contains("*"))
        {
            at.Warn("*/* already selects every host; remove the others.");
        }
    }

    private static void CheckHost(Place at, string space, string name)
    {
        // "~" before a namespace excludes it; alone it stands for none.
        var owner = space.StartsWith('~') ? space[1..] : space;
        if (space.Length == 0 || (owner is not ("" or "*" or ".") && !DnsNames.IsLabel(owner)))
        {
            at.Reject($"\"{space}\" is not a namespace; write a name, \".\", \"*\" or \"~\" before the slash.");
        }

        GatewayRules.CheckHostPart(at, name, mayBeAddress: false);
    }

    private static void CheckTwice(Place at, Dictionary<string, HashSet<string>> seen, string space, string name)
    {
        if (!seen.TryGetValue(space, out var names))
        {
            seen[space] = names = new HashSet<string>(StringComparer.Ordinal);
        }

        if (names.Contains(name) || names.Contains("*") || (name == "*" && names.Count > 0))
        {
            at.Warn($"{space}/{name} repeats or covers another host of the list; keep one of the two.");
        }

        names.Add(name);
    }
}
