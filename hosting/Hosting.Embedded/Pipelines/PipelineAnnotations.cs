using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

/// <summary>Steps that a resource contributes to the pipeline.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public class PipelineStepAnnotation : IResourceAnnotation
{
    private readonly Func<PipelineStepFactoryContext, Task<IEnumerable<PipelineStep>>> _factory;

    /// <summary>Contributes a step.</summary>
    /// <param name="factory">Creates it.</param>
    public PipelineStepAnnotation(Func<PipelineStepFactoryContext, PipelineStep> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _factory = context => Task.FromResult<IEnumerable<PipelineStep>>([factory(context)]);
    }

    /// <summary>Contributes a step.</summary>
    /// <param name="factory">Creates it.</param>
    public PipelineStepAnnotation(Func<PipelineStepFactoryContext, Task<PipelineStep>> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _factory = async context => [await factory(context)];
    }

    /// <summary>Contributes steps.</summary>
    /// <param name="factory">Creates them.</param>
    public PipelineStepAnnotation(Func<PipelineStepFactoryContext, IEnumerable<PipelineStep>> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _factory = context => Task.FromResult(factory(context));
    }

    /// <summary>Contributes steps.</summary>
    /// <param name="factory">Creates them.</param>
    public PipelineStepAnnotation(Func<PipelineStepFactoryContext, Task<IEnumerable<PipelineStep>>> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _factory = factory;
    }

    /// <summary>Creates the steps.</summary>
    /// <param name="context">The resource and the application.</param>
    /// <returns>The steps.</returns>
    public Task<IEnumerable<PipelineStep>> CreateStepsAsync(PipelineStepFactoryContext context) => _factory(context);
}

/// <summary>A callback of a resource that sees all steps before any runs, and may reorder them.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public class PipelineConfigurationAnnotation : IResourceAnnotation
{
    /// <summary>Declares the callback.</summary>
    /// <param name="callback">The callback.</param>
    public PipelineConfigurationAnnotation(Func<PipelineConfigurationContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = callback;
    }

    /// <summary>Declares the callback.</summary>
    /// <param name="callback">The callback.</param>
    public PipelineConfigurationAnnotation(Action<PipelineConfigurationContext> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = context =>
        {
            callback(context);
            return Task.CompletedTask;
        };
    }

    /// <summary>The callback.</summary>
    public Func<PipelineConfigurationContext, Task> Callback { get; }
}
