using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>
/// Reads the parameters when the application starts and publishes whether they have a value; secret values are marked as such.
/// </summary>
internal sealed partial class ParameterInitializer : IHostedService
{
    private readonly DistributedApplicationModel _model;
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _resourceLoggers;
    private readonly ILogger<DistributedApplication> _logger;

    public ParameterInitializer(
        DistributedApplicationModel model,
        ResourceNotificationService notifications,
        ResourceLoggerService resourceLoggers,
        ILogger<DistributedApplication> logger)
    {
        _model = model;
        _notifications = notifications;
        _resourceLoggers = resourceLoggers;
        _logger = logger;
    }

    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_model.Resources.OfType<ParameterResource>().Select(p => InitializeAsync(p, cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task InitializeAsync(ParameterResource parameter, CancellationToken cancellationToken)
    {
        try
        {
            var value = await parameter.GetValueAsync(cancellationToken);
            await _notifications.PublishUpdateAsync(parameter, s => s with
            {
                State = KnownResourceStates.Running,
                Properties = s.Properties.Add(new ResourcePropertySnapshot("Value", value) { IsSensitive = parameter.Secret })
            });
        }
#pragma warning disable CA1031 // A callback of the AppHost may throw anything: this parameter fails and the rest goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var isMissing = exception is MissingParameterValueException;
            var message = isMissing ? exception.Message : $"Parameter '{parameter.Name}' has no value because its callback failed: " +
                $"{exception.Message}";
            LogNoValue(_logger, message);
            LogNoValue(_resourceLoggers.GetLogger(parameter), message);
            var state = isMissing
                ? new ResourceStateSnapshot(KnownResourceStates.ValueMissing, KnownResourceStateStyles.Warn)
                : new ResourceStateSnapshot("Error initializing parameter", KnownResourceStateStyles.Error);
            await _notifications.PublishUpdateAsync(parameter, s => s with { State = state });
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Message}")]
    private static partial void LogNoValue(ILogger logger, string message);
}
