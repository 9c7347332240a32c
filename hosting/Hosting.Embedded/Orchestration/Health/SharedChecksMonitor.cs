using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration.Health;

/// <summary>
/// Runs those checks of a resource that its author registered in the services of the AppHost, once for all its replicas. Asks often
/// until they pass for the first time, rarely while they do.
/// </summary>
internal sealed class SharedChecksMonitor(
    IReadOnlyCollection<string> keys,
    HealthCheckService healthChecks,
    TimeProvider time,
    Func<ImmutableArray<HealthReportSnapshot>, Task> changed)
{
    private static readonly TimeSpan FirstPeriod = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan UnhealthyPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HealthyPeriod = TimeSpan.FromSeconds(5);

    /// <summary>The reports before the first run.</summary>
    public static ImmutableArray<HealthReportSnapshot> NotCheckedYet(IEnumerable<string> keys) =>
        [.. keys.Select(key => new HealthReportSnapshot(key, Status: null, Description: null, ExceptionText: null))];

    /// <summary>Polls until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var last = NotCheckedYet(keys);
        var period = FirstPeriod;
        while (!cancellationToken.IsCancellationRequested)
        {
            var reports = await CheckAsync(cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (!reports.Select(Visible).SequenceEqual(last.Select(Visible)))
            {
                last = reports;
                await changed(reports);
            }

            var isHealthy = reports.All(report => report.Status == HealthStatus.Healthy);
            period = isHealthy ? HealthyPeriod : period >= HealthyPeriod || period * 2 > UnhealthyPeriod ? UnhealthyPeriod : period * 2;
            await Task.Delay(period, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static (string, HealthStatus?, string?) Visible(HealthReportSnapshot report) =>
        (report.Name, report.Status, report.Description);

    private async Task<ImmutableArray<HealthReportSnapshot>> CheckAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        try
        {
            var report = await healthChecks.CheckHealthAsync(registration => keys.Contains(registration.Name), cancellationToken);
            return [.. keys.Select(key => report.Entries.TryGetValue(key, out var entry)
                ? new HealthReportSnapshot(key, entry.Status, entry.Description, entry.Exception?.ToString()) { LastRunAt = now }
                : Unhealthy(key, $"No health check '{key}' is registered: call builder.Services.AddHealthChecks().", exception: null))];
        }
#pragma warning disable CA1031 // Creating a check runs the user's code: whatever it throws is the result of all of them.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return [.. keys.Select(key => Unhealthy(key, exception.Message, exception))];
        }
        catch (OperationCanceledException)
        {
            return [];
        }

        HealthReportSnapshot Unhealthy(string key, string description, Exception? exception) =>
            new(key, HealthStatus.Unhealthy, description, exception?.ToString()) { LastRunAt = now };
    }
}
