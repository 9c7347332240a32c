using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>The commands every process has: start, stop and restart, for one replica or for all.</summary>
internal static class LifecycleCommands
{
    /// <summary>Adds the commands, unless the author has put others in their place.</summary>
    public static void AddTo(IResource resource)
    {
        Add(
            resource,
            KnownResourceCommands.StartCommand,
            "Start",
            "Play",
            isHighlighted: true,
            StateOfStart,
            (orchestrator, id, token) => orchestrator.StartAsync(id, token));
        Add(
            resource,
            KnownResourceCommands.StopCommand,
            "Stop",
            "Stop",
            isHighlighted: true,
            StateOfStop,
            (orchestrator, id, token) => orchestrator.StopAsync(id, token));
        Add(
            resource,
            KnownResourceCommands.RestartCommand,
            "Restart",
            "ArrowCounterclockwise",
            isHighlighted: false,
            StateOfRestart,
            async (orchestrator, id, token) =>
            {
                await orchestrator.StopAsync(id, token);
                await orchestrator.StartAsync(id, token);
            });
    }

    private static void Add(
        IResource resource,
        string name,
        string displayName,
        string iconName,
        bool isHighlighted,
        Func<string?, ResourceCommandState> stateOf,
        Func<Orchestrator, string, CancellationToken, Task> execute)
    {
        if (resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == name))
        {
            return;
        }

        resource.Annotations.Add(new ResourceCommandAnnotation(
            name,
            displayName,
            context => stateOf(context.ResourceSnapshot.State?.Text),
            async context =>
            {
                await execute(context.ServiceProvider.GetRequiredService<Orchestrator>(), context.ResourceName, context.CancellationToken);
                return CommandResults.Success();
            },
            displayDescription: null,
            parameter: null,
            confirmationMessage: null,
            iconName,
            IconVariant.Filled,
            isHighlighted));
    }

    private static ResourceCommandState StateOfStart(string? state) =>
        IsStarting(state) ? ResourceCommandState.Disabled
        : IsAtRest(state) || state == KnownResourceStates.Waiting ? ResourceCommandState.Enabled
        : ResourceCommandState.Hidden;

    private static ResourceCommandState StateOfStop(string? state) =>
        state == KnownResourceStates.Stopping ? ResourceCommandState.Disabled
        : IsAtRest(state) ? ResourceCommandState.Hidden
        : ResourceCommandState.Enabled;

    private static ResourceCommandState StateOfRestart(string? state) =>
        IsAtRest(state) || IsStarting(state) || state == KnownResourceStates.Stopping || state == KnownResourceStates.Waiting
            ? ResourceCommandState.Disabled
            : ResourceCommandState.Enabled;

    private static bool IsStarting(string? state) => state is null || state == KnownResourceStates.Starting;

    private static bool IsAtRest(string? state) =>
        KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.NotStarted;
}
