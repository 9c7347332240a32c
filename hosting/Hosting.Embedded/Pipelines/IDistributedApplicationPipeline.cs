using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>The steps of publishing and deploying the application, and their order.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IDistributedApplicationPipeline
{
    /// <summary>Adds a step.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="action">What it does.</param>
    /// <param name="dependsOn">The name, or names, of the steps before it.</param>
    /// <param name="requiredBy">The name, or names, of the steps after it.</param>
    /// <exception cref="InvalidOperationException">There is a step of that name.</exception>
    void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null);

    /// <summary>Adds a step.</summary>
    /// <param name="step">The step.</param>
    /// <exception cref="InvalidOperationException">There is a step of that name.</exception>
    void AddStep(PipelineStep step);

    /// <summary>Adds a callback that sees all steps before any runs, and may reorder them.</summary>
    /// <param name="callback">The callback.</param>
    void AddPipelineConfiguration(Func<PipelineConfigurationContext, Task> callback);

    /// <summary>Runs the chosen step after those it depends on.</summary>
    /// <param name="context">The application.</param>
    /// <returns>A task that ends when all have run.</returns>
    Task ExecuteAsync(PipelineContext context);
}
