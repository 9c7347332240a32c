using Istio.Documents;
using Istio.Networking;

namespace Istio.Validation.Analysis;

/// <summary>Rules and matches of a VirtualService that an earlier one covers: the first that matches wins.</summary>
internal static class Reachability
{
    public static void Check(Mesh mesh)
    {
        foreach (var (document, service) in mesh.Resources.OfType<VirtualService>())
        {
            var at = mesh.At(document)["spec"];
            CheckHttp(at["http"], service.Spec);
            CheckConnections(at["tls"], [.. service.Spec.Tls.Select(route => route.Match.Cast<object>().ToArray())]);
            CheckConnections(at["tcp"], [.. service.Spec.Tcp.Select(route => route.Match.Cast<object>().ToArray())]);
        }
    }

    private static void CheckHttp(Place at, VirtualServiceSpec spec)
    {
        var everything = new HTTPMatchRequest();
        var earlier = new List<(HTTPMatchRequest Match, string Name, int Rule)>();
        for (var i = 0; i < spec.Http.Count; i++)
        {
            var matches = spec.Http[i].Match.IsEmpty ? [everything] : spec.Http[i].Match.ToArray();
            var covered = new (int Match, (HTTPMatchRequest Match, string Name, int Rule) By)?[matches.Length];
            for (var j = 0; j < matches.Length; j++)
            {
                var by = earlier.FindIndex(other => MatchCoverage.Covers(other.Match, matches[j], spec.Gateways));
                covered[j] = by < 0 ? null : (j, earlier[by]);
                earlier.Add((matches[j], Name(spec.Http[i].Name, i), i));
            }

            Report(at[i], i, covered);
        }
    }

    private static void Report(Place at, int rule, (int Match, (HTTPMatchRequest Match, string Name, int Rule) By)?[] covered)
    {
        if (covered.All(entry => entry is { } found && found.By.Rule < rule))
        {
            var by = covered[0]!.Value.By;
            var isEverything = MatchCoverage.IsCatchAll(by.Match);
            at.Report(AnalysisCodes.UnreachableRule, isEverything
                ? $"Rule {by.Name} matches every request, so the proxies never get this rule; put it before that one."
                : $"Rule {by.Name} already matches every request that this rule matches; put the narrower rule first, or remove it.");
            if (isEverything)
            {
                return;
            }
        }

        foreach (var entry in covered)
        {
            if (entry is { } found)
            {
                at["match"][found.Match].Report(AnalysisCodes.IneffectiveMatch, found.By.Rule == rule
                    ? "An earlier match of the same rule already matches every request that this one matches; remove it."
                    : $"Rule {found.By.Name} already matches every request that this match matches; put the narrower rule first, or "
                        + "remove the match.");
            }
        }
    }

    private static void CheckConnections(Place at, object[][] rules)
    {
        var seen = new Dictionary<object, int>();
        var catchAll = -1;
        for (var i = 0; i < rules.Length; i++)
        {
            if (catchAll >= 0)
            {
                at[i].Report(AnalysisCodes.UnreachableRule, $"Rule {catchAll} matches every connection; put this rule before that one.");
                continue;
            }

            if (rules[i].Length == 0)
            {
                catchAll = i;
            }

            var repeated = 0;
            for (var j = 0; j < rules[i].Length; j++)
            {
                if (!seen.TryAdd(rules[i][j], i))
                {
                    repeated += seen[rules[i][j]] < i ? 1 : 0;
                    at[i]["match"][j].Report(AnalysisCodes.IneffectiveMatch,
                        $"Rule {seen[rules[i][j]]} has the same match; remove one of the two.");
                }
            }

            if (repeated > 0 && repeated == rules[i].Length)
            {
                at[i].Report(
                    AnalysisCodes.UnreachableRule, "Earlier rules have all matches of this rule; remove it, or change its matches.");
            }
        }
    }

    private static string Name(string? name, int index) => string.IsNullOrEmpty(name) ? $"{index}" : $"\"{name}\"";
}
