using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>The commands every process has: start, stop and restart, for one replica or for all; of a project also one replica more or fewer.</summary>
internal static class LifecycleCommands
{
    /// <summary>Adds a replica.</summary>
    public const string ScaleUp = "scale-up";

    /// <summary>Takes a replica away.</summary>
    public const string ScaleDown = "scale-down";

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
        if (resource is ProjectResource && CanScale(resource))
        {
            AddScaling(resource, ScaleUp, "Add a replica", +1, static () => ResourceCommandState.Enabled);
            AddScaling(resource, ScaleDown, "Remove a replica", -1, () =>
                resource.GetReplicaCount() > 1 ? ResourceCommandState.Enabled : ResourceCommandState.Disabled);
        }
    }

    // Replicas need a port each. One that listens on its public port itself shares it with nobody: where that port is declared, callers
    // know no other.
    private static bool CanScale(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>().All(endpoint =>
        endpoint is { IsProxied: true, Protocol: ProtocolType.Tcp, TargetPort: null or 0 }
        && (resource.GetReplicaCount() > 1 || endpoint.Port is null or 0));

    private static void AddScaling(IResource resource, string name, string displayName, int change, Func<ResourceCommandState> stateOf)
    {
        if (resource.Annotations.OfType<ResourceCommandAnnotation>().Any(command => command.Name == name))
        {
            return;
        }

        resource.Annotations.Add(new ResourceCommandAnnotation(
            name,
            displayName,
            _ => stateOf(),
            async context =>
            {
                var orchestrator = context.Services.GetRequiredService<Orchestrator>();
                var count = await orchestrator.ScaleAsync(context.ResourceName, change, context.CancellationToken);
                return CommandResults.Success($"{resource.Name} has {count} {(count == 1 ? "replica" : "replicas")}.");
            },
            displayDescription: null,
            parameter: null,
            confirmationMessage: null,
            change > 0 ? "Add" : "Subtract",
            IconVariant.Regular,
            isHighlighted: false)
        {
            IsGivenOnce = true,
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
                await execute(context.Services.GetRequiredService<Orchestrator>(), context.ResourceName, context.CancellationToken);
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
