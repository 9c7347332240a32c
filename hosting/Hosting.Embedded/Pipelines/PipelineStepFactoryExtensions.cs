using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

/// <summary>Lets resources contribute to the pipeline.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public static class PipelineStepFactoryExtensions
{
    /// <summary>Contributes a step.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="factory">Creates the step.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithPipelineStepFactory<T>(
        this IResourceBuilder<T> builder,
        Func<PipelineStepFactoryContext, PipelineStep> factory)
        where T : IResource => Required(builder).WithAnnotation(new PipelineStepAnnotation(factory));

    /// <summary>Contributes a step.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="factory">Creates the step.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithPipelineStepFactory<T>(
        this IResourceBuilder<T> builder,
        Func<PipelineStepFactoryContext, Task<PipelineStep>> factory)
        where T : IResource => Required(builder).WithAnnotation(new PipelineStepAnnotation(factory));

    /// <summary>Contributes steps.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="factory">Creates the steps.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithPipelineStepFactory<T>(
        this IResourceBuilder<T> builder,
        Func<PipelineStepFactoryContext, IEnumerable<PipelineStep>> factory)
        where T : IResource => Required(builder).WithAnnotation(new PipelineStepAnnotation(factory));

    /// <summary>Contributes steps.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="factory">Creates the steps.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithPipelineStepFactory<T>(
        this IResourceBuilder<T> builder,
        Func<PipelineStepFactoryContext, Task<IEnumerable<PipelineStep>>> factory)
        where T : IResource => Required(builder).WithAnnotation(new PipelineStepAnnotation(factory));

    /// <summary>Contributes a step.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="stepName">Its name.</param>
    /// <param name="callback">What it does.</param>
    /// <param name="dependsOn">The steps before it.</param>
    /// <param name="requiredBy">The steps after it.</param>
    /// <param name="tags">Its kinds.</param>
    /// <param name="description">What it does, in one sentence.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithPipelineStepFactory<T>(
        this IResourceBuilder<T> builder,
        string stepName,
        Func<PipelineStepContext, Task> callback,
        string[]? dependsOn = null,
        string[]? requiredBy = null,
        string[]? tags = null,
        string? description = null)
        where T : IResource
    {
        ArgumentException.ThrowIfNullOrEmpty(stepName);
        ArgumentNullException.ThrowIfNull(callback);
        return builder.WithPipelineStepFactory(_ => new PipelineStep
        {
            Name = stepName,
            Description = description,
            Action = callback,
            DependsOnSteps = [.. dependsOn ?? []],
            RequiredBySteps = [.. requiredBy ?? []],
            Tags = [.. tags ?? []],
            Resource = builder.Resource
        });
    }

    /// <summary>Adds a callback that sees all steps before any runs, and may reorder them.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">The callback.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithPipelineConfiguration<T>(
        this IResourceBuilder<T> builder,
        Func<PipelineConfigurationContext, Task> callback)
        where T : IResource => Required(builder).WithAnnotation(new PipelineConfigurationAnnotation(callback));

    /// <summary>Adds a callback that sees all steps before any runs, and may reorder them.</summary>
    /// <typeparam name="T">The type of the resource.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="callback">The callback.</param>
    /// <returns>The builder.</returns>
    public static IResourceBuilder<T> WithPipelineConfiguration<T>(
        this IResourceBuilder<T> builder,
        Action<PipelineConfigurationContext> callback)
        where T : IResource => Required(builder).WithAnnotation(new PipelineConfigurationAnnotation(callback));

    private static IResourceBuilder<T> Required<T>(IResourceBuilder<T> builder) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder;
    }
}
