using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Health;
using Aspire.Hosting.Orchestration.Launch;
using Aspire.Hosting.Orchestration.Ports;
using Aspire.Hosting.Orchestration.Processes;
using Aspire.Hosting.Orchestration.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aspire.Hosting.Orchestration;

/// <summary>Registers what starts and watches the resources in a run.</summary>
internal static class OrchestratorServiceCollectionExtensions
{
    /// <summary>Registers the orchestrator. Services that are registered already, such as a seeded <see cref="Random"/>, stay.</summary>
    public static IServiceCollection AddOrchestrator(this IServiceCollection services)
    {
        services.TryAddSingleton(Random.Shared);
        services.TryAddSingleton<IProcessStarter, ProcessStarter>();
        services.TryAddSingleton<HttpProber>();
        services.TryAddSingleton<PortAllocator>();
        services.TryAddSingleton<EndpointAllocator>();
        services.TryAddSingleton<ProjectOutput>();
        services.TryAddSingleton<ProcessSpecFactory>();
        services.TryAddSingleton<RunServices>();
        services.TryAddSingleton<Orchestrator>();
        services.AddHostedService(static provider => provider.GetRequiredService<Orchestrator>());
        return services;
    }
}
