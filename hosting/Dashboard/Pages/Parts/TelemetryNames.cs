using Dashboard.Telemetry;

namespace Dashboard.Pages.Parts;

/// <summary>What one can choose where telemetry is shown: services, and the replicas of those that have several.</summary>
internal static class TelemetryNames
{
    /// <summary>The names, each service before its replicas.</summary>
    public static IEnumerable<string> Of(TelemetryStore store) => store.Resources.All
        .GroupBy(resource => resource.Name)
        .SelectMany(group => group.Select(resource => resource.Id).Prepend(group.Key).Distinct());
}
