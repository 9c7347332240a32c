using Istio.Networking;

namespace Istio.Validation.Analysis;

/// <summary>Operations of EnvoyFilters that do nothing, or whose place depends on other filters.</summary>
internal static class EnvoyFilterAnalysis
{
    // It is always there and always last, so a place before it is certain.
    private const string Router = "envoy.filters.http.router";
    private const string LocalRateLimit = "envoy.filters.http.local_ratelimit";

    public static void Check(Mesh mesh)
    {
        var versioned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (document, filter) in mesh.Resources.OfType<EnvoyFilter>())
        {
            for (var i = 0; i < filter.Spec.ConfigPatches.Count; i++)
            {
                var patch = filter.Spec.ConfigPatches[i];
                if (patch.Patch?.Operation is not { } operation || patch.ApplyTo is not { } applyTo)
                {
                    continue;
                }

                var at = mesh.At(document)["spec"]["configPatches"][i]["patch"]["operation"];
                if (!ReportUseless(at, operation, applyTo) && IsRelative(operation) && (filter.Spec.Priority ?? 0) == 0
                    && !IsCertain(patch))
                {
                    ReportRelative(at, operation, versioned.Contains(FilterName(patch)));
                }

                if (!string.IsNullOrEmpty(patch.Match?.Proxy?.ProxyVersion))
                {
                    versioned.Add(FilterName(patch));
                }
            }
        }
    }

    private static bool ReportUseless(Place at, string operation, string applyTo)
    {
        var isRoute = applyTo is PatchTarget.RouteConfiguration or PatchTarget.HttpRoute;
        switch (operation)
        {
            case PatchOperation.Add when isRoute:
                at.Report(AnalysisCodes.AddPatch, $"ADD is ignored for {applyTo}; use MERGE or INSERT_FIRST.");
                return true;
            case PatchOperation.Remove when isRoute:
                at.Report(AnalysisCodes.RemovePatch, $"REMOVE is ignored for {applyTo}; change the resource that produces the route.");
                return true;
            case PatchOperation.Replace
                when applyTo is not (PatchTarget.HttpFilter or PatchTarget.NetworkFilter or PatchTarget.VirtualHost):
                at.Report(AnalysisCodes.ReplacePatch, $"REPLACE is not possible for {applyTo}; use MERGE.");
                return true;
            default:
                return false;
        }
    }

    private static bool IsRelative(string operation) =>
        operation is PatchOperation.InsertBefore or PatchOperation.InsertAfter or PatchOperation.Replace or PatchOperation.Remove;

    /// <summary>
    /// A local rate limit before the router, or before nothing in particular, which is the front of the list: Istio has no other way to
    /// say it, and neither place depends on other filters.
    /// </summary>
    private static bool IsCertain(EnvoyConfigObjectPatch patch) =>
        patch.Patch?.Operation == PatchOperation.InsertBefore && patch.ApplyTo == PatchTarget.HttpFilter
        && patch.Match?.Listener?.FilterChain?.Filter?.SubFilter?.Name is null or Router
        && FilterName(patch) == LocalRateLimit;

    private static void ReportRelative(Place at, string operation, bool isVersioned)
    {
        if (isVersioned)
        {
            at.Report(AnalysisCodes.RelativePatchWithVersion,
                $"{operation} depends on a filter that another patch changes for one proxy version only; set spec.priority.");
        }
        else
        {
            at.Report(AnalysisCodes.RelativePatch,
                $"{operation} depends on the order of EnvoyFilters, which is not fixed without spec.priority; set it, or use INSERT_FIRST "
                + "or ADD.");
        }
    }

    private static string FilterName(EnvoyConfigObjectPatch patch) =>
        (patch.Patch?.Value is { } value ? Json.Text(value.Element, "name") : null)
        ?? patch.Match?.Listener?.FilterChain?.Filter?.Name ?? "";
}
