using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Replicas;
using Aspire.Hosting.Orchestration.Resources;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Lets the dashboard start when the application's own processes are up or have failed to, since on a small machine it would take the
/// cores from them; after ten seconds at the latest, since then somebody will want to see why. Telemetry waits in the services meanwhile.
/// </summary>
internal sealed class DashboardStart(
    DashboardResource dashboard, DistributedApplicationModel model, ResourceNotificationService notifications, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var limit = time.CreateTimer(
            static source => ((CancellationTokenSource)source!).Cancel(), enough, Limit, Timeout.InfiniteTimeSpan);
        var others = model.Resources.Where(resource =>
            resource.IsProcess()
            && resource != dashboard
            && !resource.HasAnnotationOfType<ExplicitStartupAnnotation>());
        Task settled = Task.WhenAll(others.Select(other => notifications.WaitForResourceAsync(other.Name, IsSettled, enough.Token)));
        await settled.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static bool IsSettled(ResourceEvent @event)
    {
        var state = @event.Snapshot.State?.Text;
        return (state == KnownResourceStates.Running && @event.Snapshot.HealthStatus == HealthStatus.Healthy)
            || state == nameof(ReplicaState.CrashLoopBackOff)
            || KnownResourceStates.TerminalStates.Contains(state);
    }
}
