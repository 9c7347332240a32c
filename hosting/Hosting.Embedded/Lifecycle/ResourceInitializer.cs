using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Lifecycle;

/// <summary>
/// Starts the resources that have no process: gives parameters their states, publishes <see cref="InitializeResourceEvent" /> for every
/// resource, and keeps the waits of resources that announce their start themselves. Processes are the orchestrator's.
/// </summary>
internal sealed partial class ResourceInitializer : IHostedService, IDisposable
{
    private readonly DistributedApplicationModel _model;
    private readonly IDistributedApplicationEventing _eventing;
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;
    private readonly ILogger<DistributedApplication> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _initializations = Task.CompletedTask;

    public ResourceInitializer(IServiceProvider services, ILogger<DistributedApplication> logger)
    {
        _services = services;
        _logger = logger;
        _model = services.GetRequiredService<DistributedApplicationModel>();
        _eventing = services.GetRequiredService<IDistributedApplicationEventing>();
        _notifications = services.GetRequiredService<ResourceNotificationService>();
        _loggers = services.GetRequiredService<ResourceLoggerService>();
    }

    /// <summary>Whether the orchestrator starts it, rather than the resource itself.</summary>
    public static bool IsProcess(IResource resource) => resource is ProjectResource or ExecutableResource or ContainerResource;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        RefuseContainers();
        _eventing.Subscribe<BeforeResourceStartedEvent>((@event, token) =>
            IsProcess(@event.Resource) ? Task.CompletedTask : _notifications.WaitForDependenciesAsync(@event.Resource, token));
        foreach (var resource in _model.Resources)
        {
            // Publishes the first snapshot, so that the resource is known to those who list and watch them.
            await _notifications.PublishUpdateAsync(resource, static s => s);
        }

        foreach (var parameter in _model.Resources.OfType<ParameterResource>())
        {
            await InitializeParameterAsync(parameter);
        }

        // Not awaited: a resource may wait here for others, that start later.
        _initializations = Task.WhenAll(_model.Resources.ToArray().Select(r => Task.Run(() => InitializeAsync(r), CancellationToken.None)));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _initializations.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private void RefuseContainers()
    {
        if (_model.GetContainerResources().FirstOrDefault(static r => !r.HasAnnotationOfType<ExplicitStartupAnnotation>()) is { } container)
        {
            throw new DistributedApplicationException(
                $"Container '{container.Name}' cannot run: the embedded engine has no container runtime; build with HostingEngine=Aspire, " +
                "or add the container only when ExecutionContext.IsPublishMode.");
        }
    }

    private async Task InitializeAsync(IResource resource)
    {
        try
        {
            await _eventing.PublishAsync(
                new InitializeResourceEvent(resource, _eventing, _loggers, _notifications, _services),
                _stopping.Token);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            LogInitializationFailed(_loggers.GetLogger(resource), exception, resource.Name);
            await _notifications.PublishUpdateAsync(resource, static s => s with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error)
            });
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private async Task InitializeParameterAsync(ParameterResource parameter)
    {
        try
        {
            var value = await parameter.GetValueAsync(_stopping.Token);
            await PublishAsync(parameter, value, KnownResourceStates.Running);
        }
        catch (MissingParameterValueException exception)
        {
            LogParameterMissing(_logger, exception.Message);
            LogParameterMissing(_loggers.GetLogger(parameter), exception.Message);
            await PublishAsync(parameter, value: null, new ResourceStateSnapshot(KnownResourceStates.ValueMissing, KnownResourceStateStyles.Warn));
        }
        catch (Exception exception)
        {
            LogParameterFailed(_loggers.GetLogger(parameter), exception, parameter.Name);
            await PublishAsync(parameter, value: null, new ResourceStateSnapshot("Error initializing parameter", KnownResourceStateStyles.Error));
        }
    }

    private Task PublishAsync(ParameterResource parameter, string? value, ResourceStateSnapshot? state) =>
        _notifications.PublishUpdateAsync(parameter, s => s with
        {
            State = state,
            Properties = value is null ? s.Properties : s.Properties.Add(new ResourcePropertySnapshot("Value", value) { IsSensitive = parameter.Secret })
        });

    [LoggerMessage(Level = LogLevel.Error, Message = "Resource '{Resource}' failed to initialize.")]
    private static partial void LogInitializationFailed(ILogger logger, Exception exception, string resource);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Message}")]
    private static partial void LogParameterMissing(ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "Parameter '{Parameter}' has no value because its callback failed.")]
    private static partial void LogParameterFailed(ILogger logger, Exception exception, string parameter);
}
