using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>Announces that a resource is ready.</summary>
internal static class ReadyEvents
{
    /// <summary>
    /// Calls the handlers of <see cref="ResourceReadyEvent"/> and lets those that wait for the resource wait for them too. Does not throw.
    /// </summary>
    public static async Task PublishAsync(IResource resource, RunServices run, CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var handlers = HandleAsync();
        await handlers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await run.Notifications.PublishUpdateAsync(
            resource,
            snapshot => snapshot with { ResourceReadyEvent = new EventSnapshot(handlers) });

        async Task HandleAsync() => await run.Eventing.PublishAsync(new ResourceReadyEvent(resource, run.Services), cancellationToken);
    }
}
