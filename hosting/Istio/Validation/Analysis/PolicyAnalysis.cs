using Istio.Documents;
using Istio.Security;

namespace Istio.Validation.Analysis;

/// <summary>Namespaces that AuthorizationPolicies name, and Telemetries that log nowhere.</summary>
internal static class PolicyAnalysis
{
    public static void Check(Mesh mesh)
    {
        var spaces = DeclaredNamespaces(mesh);
        foreach (var (document, policy) in mesh.Resources.OfType<AuthorizationPolicy>())
        {
            for (var i = 0; spaces.Contains(document.Namespace) && i < policy.Spec.Rules.Count; i++)
            {
                for (var j = 0; j < policy.Spec.Rules[i].From.Count; j++)
                {
                    var at = mesh.At(document)["spec"]["rules"][i]["from"][j]["source"];
                    CheckNamespaces(at["namespaces"], policy.Spec.Rules[i].From[j].Source?.Namespaces ?? default, spaces);
                    CheckNamespaces(at["notNamespaces"], policy.Spec.Rules[i].From[j].Source?.NotNamespaces ?? default, spaces);
                }
            }
        }

        foreach (var (document, telemetry) in mesh.Resources.OfType<Telemetry.Telemetry>())
        {
            for (var i = 0; i < telemetry.Spec.AccessLogging.Count; i++)
            {
                var logging = telemetry.Spec.AccessLogging[i];
                if (logging.Providers.IsEmpty && logging.Disabled != true)
                {
                    mesh.At(document)["spec"]["accessLogging"][i].Report(AnalysisCodes.NoProvider,
                        "The entry names no provider and does nothing unless the mesh configuration has a default one; add providers, such "
                        + "as [{name: envoy}].");
                }
            }
        }
    }

    /// <summary>The namespaces that the documents declare; none when they declare fewer than two, and so evidently not all.</summary>
    private static HashSet<string> DeclaredNamespaces(Mesh mesh)
    {
        var declared = mesh.Resources.Documents.Where(document => document is { Kind: "Namespace", ApiVersion: "v1" })
            .Select(document => document.Name).ToHashSet(StringComparer.Ordinal);
        return declared.Count > 1 ? declared : [];
    }

    private static void CheckNamespaces(Place at, EquatableArray<string> values, HashSet<string> spaces)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].Length > 0 && !spaces.Any(space => Matches(values[i], space)) && !IsBuiltIn(values[i]))
            {
                at[i].Report(AnalysisCodes.NotFound,
                    $"None of the namespaces of the documents "
                    + $"({string.Join(", ", spaces.Order(StringComparer.Ordinal))}) is \"{values[i]}\"; "
                    + "correct the name, or add the Namespace.");
            }
        }
    }

    private static bool IsBuiltIn(string name) =>
        name == ResourceDocument.DefaultNamespace || InjectionAnalysis.SystemNamespaces.Contains(name);

    private static bool Matches(string pattern, string space) =>
        pattern == "*" ? true
        : pattern.StartsWith('*') ? space.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : pattern.EndsWith('*') ? space.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase)
        : pattern.Equals(space, StringComparison.OrdinalIgnoreCase);
}
