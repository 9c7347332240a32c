using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AppHost.Tests;

/// <summary>One replica as the resource notifications show it.</summary>
public sealed record Replica(string Id, int ProcessId, bool Running, bool Healthy)
{
    public static Replica From(ResourceEvent now) => new(
        now.ResourceId,
        now.Snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value is { } pid ? Convert.ToInt32(pid, CultureInfo.InvariantCulture) : 0,
        now.Snapshot.State?.Text == KnownResourceStates.Running,
        now.Snapshot.HealthStatus == HealthStatus.Healthy);
}
