using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

/// <summary>One thing to do when the application is published: its name, what it does, and which steps come before and after it.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
[DebuggerDisplay("{Name,nq}")]
public class PipelineStep
{
    /// <summary>The name, unique in the pipeline; <c>--step</c> chooses by it.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, in one sentence.</summary>
    public string? Description { get; init; }

    /// <summary>Does it.</summary>
    public required Func<PipelineStepContext, Task> Action { get; init; }

    /// <summary>The steps that must have succeeded before this one.</summary>
    public List<string> DependsOnSteps { get; init; } = [];

    /// <summary>The steps that need this one to have succeeded.</summary>
    public List<string> RequiredBySteps { get; init; } = [];

    /// <summary>Kinds of step, by which others find it.</summary>
    public List<string> Tags { get; init; } = [];

    /// <summary>The resource it belongs to; <see langword="null" /> for a step of the application.</summary>
    public IResource? Resource { get; set; }

    /// <summary>Puts another step before this one.</summary>
    /// <param name="stepName">The other step.</param>
    public void DependsOn(string stepName) => DependsOnSteps.Add(stepName);

    /// <summary>Puts another step before this one.</summary>
    /// <param name="step">The other step.</param>
    public void DependsOn(PipelineStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        DependsOnSteps.Add(step.Name);
    }

    /// <summary>Puts this step before another one.</summary>
    /// <param name="stepName">The other step.</param>
    public void RequiredBy(string stepName) => RequiredBySteps.Add(stepName);

    /// <summary>Puts this step before another one.</summary>
    /// <param name="step">The other step.</param>
    public void RequiredBy(PipelineStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        RequiredBySteps.Add(step.Name);
    }
}

/// <summary>Orders many steps at once.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public static class PipelineStepExtensions
{
    /// <summary>Puts a step before all of these.</summary>
    /// <param name="steps">These.</param>
    /// <param name="step">The step; nothing happens when it is <see langword="null" />.</param>
    /// <returns>These.</returns>
    public static IEnumerable<PipelineStep> DependsOn(this IEnumerable<PipelineStep> steps, PipelineStep? step) =>
        step is null ? steps : steps.DependsOn(step.Name);

    /// <summary>Puts a step before all of these.</summary>
    /// <param name="steps">These.</param>
    /// <param name="stepName">The step; nothing happens when it is empty.</param>
    /// <returns>These.</returns>
    public static IEnumerable<PipelineStep> DependsOn(this IEnumerable<PipelineStep> steps, string stepName) =>
        Each(steps, step => step.DependsOn(stepName), stepName);

    /// <summary>Puts steps before all of these.</summary>
    /// <param name="steps">These.</param>
    /// <param name="targetSteps">The steps.</param>
    /// <returns>These.</returns>
    public static IEnumerable<PipelineStep> DependsOn(this IEnumerable<PipelineStep> steps, IEnumerable<PipelineStep> targetSteps)
    {
        ArgumentNullException.ThrowIfNull(targetSteps);
        return targetSteps.Aggregate(steps, static (these, step) => these.DependsOn(step));
    }

    /// <summary>Puts all of these before a step.</summary>
    /// <param name="steps">These.</param>
    /// <param name="step">The step; nothing happens when it is <see langword="null" />.</param>
    /// <returns>These.</returns>
    public static IEnumerable<PipelineStep> RequiredBy(this IEnumerable<PipelineStep> steps, PipelineStep? step) =>
        step is null ? steps : steps.RequiredBy(step.Name);

    /// <summary>Puts all of these before a step.</summary>
    /// <param name="steps">These.</param>
    /// <param name="stepName">The step; nothing happens when it is empty.</param>
    /// <returns>These.</returns>
    public static IEnumerable<PipelineStep> RequiredBy(this IEnumerable<PipelineStep> steps, string stepName) =>
        Each(steps, step => step.RequiredBy(stepName), stepName);

    /// <summary>Puts all of these before steps.</summary>
    /// <param name="steps">These.</param>
    /// <param name="targetSteps">The steps.</param>
    /// <returns>These.</returns>
    public static IEnumerable<PipelineStep> RequiredBy(this IEnumerable<PipelineStep> steps, IEnumerable<PipelineStep> targetSteps)
    {
        ArgumentNullException.ThrowIfNull(targetSteps);
        return targetSteps.Aggregate(steps, static (these, step) => these.RequiredBy(step));
    }

    private static IEnumerable<PipelineStep> Each(IEnumerable<PipelineStep> steps, Action<PipelineStep> change, string stepName)
    {
        ArgumentNullException.ThrowIfNull(steps);
        if (string.IsNullOrEmpty(stepName))
        {
            return steps;
        }

        foreach (var step in steps)
        {
            change(step);
        }

        return steps;
    }
}
