using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What is known of a resource, or of one of its replicas, at one moment. Immutable.</summary>
[DebuggerDisplay("{ResourceType,nq}: {State?.Text,nq}, {HealthStatus}")]
public sealed record CustomResourceSnapshot
{
    private readonly ResourceStateSnapshot? _state;
    private readonly ImmutableArray<HealthReportSnapshot> _healthReports = [];

    /// <summary>What kind of resource it is, such as <c>Project</c>.</summary>
    public required string ResourceType { get; init; }

    /// <summary>Facts to show, by name.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>When the resource was created.</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>When it was started last.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When it stopped last.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>The state; see <see cref="KnownResourceStates" />.</summary>
    public ResourceStateSnapshot? State
    {
        get => _state;
        init
        {
            _state = value;
            HealthStatus = HealthOf(value?.Text, _healthReports);
        }
    }

    /// <summary>The exit code, when it has stopped.</summary>
    public int? ExitCode { get; init; }

    /// <summary>
    /// The health of a running resource: the worst of its reports, healthy when it has no checks. <see langword="null" /> when it does
    /// not run.
    /// </summary>
    public HealthStatus? HealthStatus { get; private init; }

    /// <summary>The last result of each health check.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports
    {
        get => _healthReports;
        internal init
        {
            _healthReports = value;
            HealthStatus = HealthOf(_state?.Text, value);
        }
    }

    /// <summary>The environment variables it was started with.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>Its URLs.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>Its volumes.</summary>
    public ImmutableArray<VolumeSnapshot> Volumes { get; init; } = [];

    /// <summary>The commands that can be given to it.</summary>
    public ImmutableArray<ResourceCommandSnapshot> Commands { get; init; } = [];

    /// <summary>How it relates to other resources.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>Whether lists of resources leave it out.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The name of its icon.</summary>
    public string? IconName { get; init; }

    /// <summary>The variant of its icon.</summary>
    public IconVariant? IconVariant { get; init; }

    /// <summary>The task of the <see cref="ResourceReadyEvent" /> handlers, once they have been called.</summary>
    internal EventSnapshot? ResourceReadyEvent { get; init; }

    private static HealthStatus? HealthOf(string? state, ImmutableArray<HealthReportSnapshot> reports)
    {
        if (!ResourceNameComparer.Equals(state, KnownResourceStates.Running))
        {
            return null;
        }

        // HealthStatus: Unhealthy = 0, Degraded = 1, Healthy = 2. A check that has not run yet counts as unhealthy.
        return reports.IsDefaultOrEmpty
            ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
            : reports.Min(static r => r.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);
    }
}

/// <summary>An event whose handlers have been called; their task tells when and how they ended.</summary>
internal sealed record EventSnapshot(Task EventTask);

/// <summary>Changes to snapshots that are not made by <c>with</c>.</summary>
public static class CustomResourceSnapshotExtensions
{
    /// <summary>Replaces the health reports; the health status follows.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="healthReports">The last result of each health check.</param>
    /// <returns>The changed snapshot.</returns>
    public static CustomResourceSnapshot WithHealthReports(
        this CustomResourceSnapshot snapshot,
        ImmutableArray<HealthReportSnapshot> healthReports)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return snapshot with { HealthReports = healthReports };
    }
}
