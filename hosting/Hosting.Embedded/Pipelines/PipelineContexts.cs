using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>What the steps of one run of the pipeline share.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class PipelineContext
{
    /// <summary>Creates the context.</summary>
    /// <param name="model">The model.</param>
    /// <param name="executionContext">Run or publish.</param>
    /// <param name="serviceProvider">The services of the application.</param>
    /// <param name="logger">The log.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public PipelineContext(
        DistributedApplicationModel model,
        DistributedApplicationExecutionContext executionContext,
        IServiceProvider serviceProvider,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        Model = model;
        ExecutionContext = executionContext;
        Services = serviceProvider;
        Logger = logger;
        CancellationToken = cancellationToken;
    }

    /// <summary>The model.</summary>
    public DistributedApplicationModel Model { get; }

    /// <summary>Run or publish.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services { get; }

    /// <summary>The log.</summary>
    public ILogger Logger { get; }

    /// <summary>Ends the run.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>What is told at the end.</summary>
    public PipelineSummary Summary { get; } = new();
}

/// <summary>What a step works with.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class PipelineStepContext
{
    /// <summary>What the steps share.</summary>
    public required PipelineContext PipelineContext { get; init; }

    /// <summary>Where the step tells how far it is.</summary>
    public required IReportingStep ReportingStep { get; init; }

    /// <summary>The model.</summary>
    public DistributedApplicationModel Model => PipelineContext.Model;

    /// <summary>Run or publish.</summary>
    public DistributedApplicationExecutionContext ExecutionContext => PipelineContext.ExecutionContext;

    /// <summary>The services of the application.</summary>
    public IServiceProvider Services => PipelineContext.Services;

    /// <summary>The log.</summary>
    public ILogger Logger => PipelineContext.Logger;

    /// <summary>Ends the run.</summary>
    public CancellationToken CancellationToken => PipelineContext.CancellationToken;

    /// <summary>What is told at the end.</summary>
    public PipelineSummary Summary => PipelineContext.Summary;
}

/// <summary>What a step factory of a resource works with.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public class PipelineStepFactoryContext
{
    /// <summary>What the steps share.</summary>
    public required PipelineContext PipelineContext { get; init; }

    /// <summary>The resource.</summary>
    public required IResource Resource { get; init; }
}

/// <summary>All steps before any of them runs, for callbacks that reorder them.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public class PipelineConfigurationContext
{
    /// <summary>The services of the application.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>The steps.</summary>
    public required IReadOnlyList<PipelineStep> Steps { get; init; }

    /// <summary>The model.</summary>
    public required DistributedApplicationModel Model { get; init; }

    /// <summary>The steps of a kind.</summary>
    /// <param name="tag">The kind.</param>
    /// <returns>The steps.</returns>
    public IEnumerable<PipelineStep> GetSteps(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return Steps.Where(s => s.Tags.Contains(tag));
    }

    /// <summary>The steps of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The steps.</returns>
    public IEnumerable<PipelineStep> GetSteps(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);

        // By name: a handler may have put another resource in the place of the one it knew.
        return Steps.Where(s => s.Resource is { } owner && ResourceNameComparer.Equals(owner.Name, resource.Name));
    }

    /// <summary>The steps of a kind of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="tag">The kind.</param>
    /// <returns>The steps.</returns>
    public IEnumerable<PipelineStep> GetSteps(IResource resource, string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return GetSteps(resource).Where(s => s.Tags.Contains(tag));
    }
}
