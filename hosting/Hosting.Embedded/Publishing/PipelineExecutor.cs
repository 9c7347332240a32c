using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>
/// What runs in publish mode in the place of the orchestrator: the pipeline, then the application ends. It runs in the start itself, so
/// that a step that fails is a start that fails, and the program ends with exit code 1.
/// </summary>
internal sealed class PipelineExecutor : IHostedService
{
    private readonly IDistributedApplicationPipeline _pipeline;
    private readonly IDistributedApplicationEventing _eventing;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<PipelineExecutor> _logger;
    private readonly DistributedApplicationModel _model;
    private readonly DistributedApplicationExecutionContext _executionContext;
    private readonly IServiceProvider _services;

    public PipelineExecutor(
        IDistributedApplicationPipeline pipeline,
        IDistributedApplicationEventing eventing,
        IHostApplicationLifetime lifetime,
        ILogger<PipelineExecutor> logger,
        DistributedApplicationModel model,
        DistributedApplicationExecutionContext executionContext,
        IServiceProvider services)
    {
        _pipeline = pipeline;
        _eventing = eventing;
        _lifetime = lifetime;
        _logger = logger;
        _model = model;
        _executionContext = executionContext;
        _services = services;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var context = new PipelineContext(_model, _executionContext, _services, _logger, cancellationToken);
        await _eventing.PublishAsync(new BeforePublishEvent(_services, _model), cancellationToken);
        await _pipeline.ExecuteAsync(context);
        await _eventing.PublishAsync(new AfterPublishEvent(_services, _model), cancellationToken);
        foreach (var item in context.Summary.Items)
        {
            Console.Out.WriteLine($"{item.Key}: {item.Value}");
        }

        _lifetime.StopApplication();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
