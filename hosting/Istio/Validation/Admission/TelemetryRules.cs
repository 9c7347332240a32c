using Istio.Documents;
using Istio.Telemetry;

namespace Istio.Validation.Admission;

/// <summary>
/// What Istio's webhook checks in a Telemetry.
/// Source: https://istio.io/latest/docs/reference/config/telemetry/
/// </summary>
internal static class TelemetryRules
{
    public static void Check(Place at, Telemetry.Telemetry telemetry)
    {
        var (place, spec) = (at["spec"], telemetry.Spec);
        PolicyTargetRules.Check(place, spec.Selector, spec.TargetRef, spec.TargetRefs);
        for (var i = 0; i < spec.Metrics.Count; i++)
        {
            CheckMetrics(place["metrics"][i], spec.Metrics[i]);
        }

        if (spec.Tracing.Count > 1)
        {
            place["tracing"].Warn("Only one tracing entry is supported; merge them.");
        }

        for (var i = 0; i < spec.Tracing.Count; i++)
        {
            CheckTracing(place["tracing"][i], spec.Tracing[i]);
        }

        for (var i = 0; i < spec.AccessLogging.Count; i++)
        {
            CheckProviders(place["accessLogging"][i]["providers"], spec.AccessLogging[i].Providers);
        }
    }

    private static void CheckProviders(Place at, EquatableArray<ProviderRef> providers)
    {
        for (var i = 0; i < providers.Count; i++)
        {
            SharedRules.Required(at[i], "name", !string.IsNullOrEmpty(providers[i].Name), "name a provider of the mesh configuration.");
        }
    }

    private static void CheckTracing(Place at, Tracing tracing)
    {
        if (tracing.Providers.Count > 1)
        {
            at["providers"].Warn("Only one tracing provider is supported; keep one.");
        }

        CheckProviders(at["providers"], tracing.Providers);
        foreach (var (name, tag) in tracing.CustomTags)
        {
            CheckTag(at["customTags"][name], name, tag);
        }
    }

    private static void CheckTag(Place at, string name, CustomTag tag)
    {
        if (name.Length == 0)
        {
            at.Reject("A tag has no name; write one.");
        }

        var kinds = new[]
        {
            ("literal", tag.Literal is not null), ("environment", tag.Environment is not null),
            ("header", tag.Header is not null), ("formatter", tag.Formatter is not null),
        }.Where(kind => kind.Item2).Select(kind => kind.Item1).ToArray();
        if (kinds.Length > 1)
        {
            at.Reject($"{string.Join(" and ", kinds)} exclude each other; keep one of them.");
        }

        foreach (var (kind, member, isMissing) in new[]
        {
            ("literal", "value", tag.Literal is { Value: null or "" }), ("environment", "name", tag.Environment is { Name: null or "" }),
            ("header", "name", tag.Header is { Name: null or "" }), ("formatter", "value", tag.Formatter is { Value: null or "" }),
        })
        {
            if (isMissing)
            {
                at[kind][member].Reject($"The {kind} tag has no {member}; write it.");
            }
        }
    }

    private static void CheckMetrics(Place at, Metrics metrics)
    {
        CheckProviders(at["providers"], metrics.Providers);
        SharedRules.CheckDuration(at["reportingInterval"], metrics.ReportingInterval);
        for (var i = 0; i < metrics.Overrides.Count; i++)
        {
            var (place, change) = (at["overrides"][i], metrics.Overrides[i]);
            if (change.Match is { Metric: not null, CustomMetric: not null })
            {
                place["match"].Reject("metric and customMetric exclude each other; keep one of the two.");
            }

            if (change.Match?.CustomMetric is "")
            {
                place["match"]["customMetric"].Reject("customMetric is empty; name the metric.");
            }

            foreach (var (name, tag) in change.TagOverrides)
            {
                CheckTagOverride(place["tagOverrides"][name], tag);
            }
        }
    }

    private static void CheckTagOverride(Place at, TagOverride tag)
    {
        if (tag.Operation is null or TagOperation.Upsert && string.IsNullOrEmpty(tag.Value))
        {
            at["value"].Reject("UPSERT sets the tag to a value, which is missing; add value.");
        }
        else if (tag.Operation == TagOperation.Remove && tag.Value is not null)
        {
            at["value"].Reject("REMOVE takes the tag away and has no value; remove value.");
        }
    }
}
