using Aspire.Hosting.Orchestration.Endpoints;
using Aspire.Hosting.Orchestration.Health;
using Aspire.Hosting.Orchestration.Launch;
using Aspire.Hosting.Orchestration.Ports;
using Aspire.Hosting.Orchestration.Priority;
using Aspire.Hosting.Orchestration.Processes;
using Aspire.Hosting.Orchestration.Resources;
using Aspire.Hosting.Orchestration.Terminal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Registers what starts and watches the resources in a run.</summary>
internal static class OrchestratorServiceCollectionExtensions
{
    /// <summary>Registers the orchestrator. Services that are registered already, such as a seeded <see cref="Random"/>, stay.</summary>
    public static IServiceCollection AddOrchestrator(this IServiceCollection services)
    {
        services.TryAddSingleton(Random.Shared);
        services.TryAddSingleton<IProcessStarter, ProcessStarter>();
        services.TryAddSingleton<IProcessorShares, Autogroups>();
        services.TryAddSingleton<StartPriority>();
        services.TryAddSingleton<HttpProber>();
        services.TryAddSingleton<PortAllocator>();
        services.TryAddSingleton<EndpointAllocator>();
        services.TryAddSingleton<ProjectOutput>();
        services.TryAddSingleton<ProcessSpecFactory>();
        services.TryAddSingleton<RunServices>();
        services.TryAddSingleton<Orchestrator>();
        services.Configure<LoggerFilterOptions>(Quieten);
        if (EntryPointHook.Current is null)
        {
            // Started first it sees everything, and stopped last the end as well.
            services.AddHostedService<RunReporter>();
        }

        services.AddHostedService(static provider => provider.GetRequiredService<Orchestrator>());
        return services;
    }

    // Errors of a start reach the user as one sentence and the results of checks as states; logged again they only get in the way.
    private static void Quieten(LoggerFilterOptions options)
    {
        options.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        options.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        options.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
    }
}
