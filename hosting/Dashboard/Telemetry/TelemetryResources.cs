using System.Collections.Immutable;

namespace Dashboard.Telemetry;

/// <summary>The resources that have sent telemetry, up to a limit. Safe for use by several threads.</summary>
internal sealed class TelemetryResources(TelemetryLimits limits)
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<(string Name, string Instance), TelemetryResource> _resources =
        ImmutableDictionary<(string Name, string Instance), TelemetryResource>.Empty;

    /// <summary>All of them, by id.</summary>
    public IReadOnlyList<TelemetryResource> All => [.. _resources.Values.OrderBy(resource => resource.Id, StringComparer.OrdinalIgnoreCase)];

    /// <summary>The resource of that name; null when there are too many already.</summary>
    public TelemetryResource? GetOrAdd(string name, string instance, AttributeList attributes)
    {
        if (_resources.TryGetValue((name, instance), out var known))
        {
            if (attributes.Count != known.Attributes.Count || attributes.ToKey() != known.Attributes.ToKey())
            {
                known.Attributes = attributes;
            }

            return known;
        }

        lock (_gate)
        {
            if (_resources.TryGetValue((name, instance), out known))
            {
                return known;
            }

            if (_resources.Count >= limits.Resources)
            {
                return null;
            }

            var added = new TelemetryResource(name, instance, attributes);
            _resources = _resources.Add((name, instance), added);
            return added;
        }
    }
}
