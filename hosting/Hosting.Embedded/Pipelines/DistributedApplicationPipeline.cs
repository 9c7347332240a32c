using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Pipelines;

/// <summary>
/// The pipeline of the embedded engine. Unlike Aspire's it runs one step at a time, in the order of their dependencies, and only when a
/// step is named: Aspire runs every step there is when none is, tearing down included.
/// </summary>
internal sealed class DistributedApplicationPipeline : IDistributedApplicationPipeline
{
    private readonly List<PipelineStep> _steps = [];
    private readonly List<Func<PipelineConfigurationContext, Task>> _callbacks = [];

    public DistributedApplicationPipeline()
    {
        AddStep(WellKnownPipelineSteps.BeforeStart, static _ => Task.CompletedTask);
        foreach (var (verb, prerequisite) in new[]
        {
            (WellKnownPipelineSteps.Publish, WellKnownPipelineSteps.PublishPrereq),
            (WellKnownPipelineSteps.Build, WellKnownPipelineSteps.BuildPrereq),
            (WellKnownPipelineSteps.Push, WellKnownPipelineSteps.PushPrereq),
            (WellKnownPipelineSteps.Deploy, WellKnownPipelineSteps.DeployPrereq),
            (WellKnownPipelineSteps.Destroy, WellKnownPipelineSteps.DestroyPrereq)
        })
        {
            AddStep(prerequisite, static _ => Task.CompletedTask);
            AddStep(verb, static _ => Task.CompletedTask, dependsOn: prerequisite);
        }

        AddStep(
            WellKnownPipelineSteps.ValidateComputeEnvironments,
            static _ => Task.CompletedTask,
            requiredBy: WellKnownPipelineSteps.BeforeStart);
        AddStep(
            WellKnownPipelineSteps.ProcessParameters,
            ReadParametersAsync,
            requiredBy: new[]
            {
                WellKnownPipelineSteps.DeployPrereq, WellKnownPipelineSteps.BuildPrereq, WellKnownPipelineSteps.PublishPrereq
            });
        AddStep(WellKnownPipelineSteps.Diagnostics, PrintStepsAsync);
    }

    public void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null) =>
        AddStep(new PipelineStep
        {
            Name = name,
            Action = action,
            DependsOnSteps = Names(dependsOn, nameof(dependsOn)),
            RequiredBySteps = Names(requiredBy, nameof(requiredBy))
        });

    public void AddStep(PipelineStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (_steps.Exists(s => s.Name == step.Name))
        {
            throw new InvalidOperationException($"A step with the name '{step.Name}' has already been added to the pipeline.");
        }

        _steps.Add(step);
    }

    public void AddPipelineConfiguration(Func<PipelineConfigurationContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _callbacks.Add(callback);
    }

    public async Task ExecuteAsync(PipelineContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var steps = await ResolveAsync(context);
        var name = context.Services.GetRequiredService<IOptions<PipelineOptions>>().Value.Step;
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new DistributedApplicationException("The command line names no step to run; add --step and one of: " +
                $"{string.Join(", ", steps.Keys.Order(StringComparer.Ordinal))}.");
        }

        await ExecuteAsync(name, steps, context);
    }

    /// <summary>Runs a step after those it depends on, whatever the command line says.</summary>
    internal async Task ExecuteAsync(string step, PipelineContext context) =>
        await ExecuteAsync(step, await ResolveAsync(context), context);

    private static async Task ExecuteAsync(string name, Dictionary<string, PipelineStep> steps, PipelineContext context)
    {
        foreach (var step in PipelineGraph.Closure(name, steps))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            await using var reporting = new LoggedStep(context.Logger, step.Name);
            try
            {
                await step.Action(new PipelineStepContext { PipelineContext = context, ReportingStep = reporting });
            }
            catch (Exception exception) when (exception is not (DistributedApplicationException or OperationCanceledException))
            {
                throw new DistributedApplicationException($"Step '{step.Name}' failed: {exception.Message}", exception);
            }
        }
    }

    private async Task<Dictionary<string, PipelineStep>> ResolveAsync(PipelineContext context)
    {
        // Copies: what callbacks and RequiredBy add to a step belongs to this run of the pipeline only.
        var steps = _steps.ConvertAll(Copy);
        foreach (var resource in context.Model.Resources)
        {
            var factoryContext = new PipelineStepFactoryContext { PipelineContext = context, Resource = resource };
            foreach (var annotation in resource.Annotations.OfType<PipelineStepAnnotation>().ToArray())
            {
                foreach (var step in await annotation.CreateStepsAsync(factoryContext))
                {
                    step.Resource ??= resource;
                    steps.Add(step);
                }
            }
        }

        var configuration = new PipelineConfigurationContext { Services = context.Services, Steps = steps, Model = context.Model };
        foreach (var callback in _callbacks.Concat(context.Model.Resources
            .SelectMany(static r => r.Annotations.OfType<PipelineConfigurationAnnotation>()).Select(static a => a.Callback)).ToArray())
        {
            await callback(configuration);
        }

        return PipelineGraph.Connect(steps);
    }

    private static PipelineStep Copy(PipelineStep step) => new()
    {
        Name = step.Name,
        Description = step.Description,
        Action = step.Action,
        DependsOnSteps = [.. step.DependsOnSteps],
        RequiredBySteps = [.. step.RequiredBySteps],
        Tags = [.. step.Tags],
        Resource = step.Resource
    };

    private static List<string> Names(object? names, string parameter) => names switch
    {
        null => [],
        string name => [name],
        IEnumerable<string> several => [.. several],
        _ => throw new ArgumentException(
            $"The {parameter} parameter must be a string or IEnumerable<string>, but was {names.GetType().Name}.", parameter)
    };

    private static async Task ReadParametersAsync(PipelineStepContext context)
    {
        foreach (var parameter in context.Model.Resources.OfType<ParameterResource>())
        {
            await parameter.GetValueAsync(context.CancellationToken);
        }
    }

    private async Task PrintStepsAsync(PipelineStepContext context)
    {
        foreach (var step in (await ResolveAsync(context.PipelineContext)).Values.OrderBy(static s => s.Name, StringComparer.Ordinal))
        {
            var after = step.DependsOnSteps.Count == 0 ? "" : $" (after {string.Join(", ", step.DependsOnSteps)})";
            context.ReportingStep.Log(Microsoft.Extensions.Logging.LogLevel.Information, $"{step.Name}{after}: {step.Description}");
        }
    }
}
