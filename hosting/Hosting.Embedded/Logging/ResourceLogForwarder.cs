using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Copies the resources' logs into the log of the AppHost, under the category <c>{application}.Resources.{resource}</c>.</summary>
internal sealed partial class ResourceLogForwarder : BackgroundService
{
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _resourceLoggers;
    private readonly IHostEnvironment _environment;
    private readonly ILoggerFactory _loggers;

    public ResourceLogForwarder(
        ResourceNotificationService notifications,
        ResourceLoggerService resourceLoggers,
        IHostEnvironment environment,
        ILoggerFactory loggers)
    {
        _notifications = notifications;
        _resourceLoggers = resourceLoggers;
        _environment = environment;
        _loggers = loggers;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var forwarding = new Dictionary<string, Task>();
        try
        {
            await foreach (var @event in _notifications.WatchAsync(stoppingToken))
            {
                if (!forwarding.ContainsKey(@event.ResourceId))
                {
                    forwarding[@event.ResourceId] = ForwardAsync(@event.Resource.Name, @event.ResourceId, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(forwarding.Values);
        }
    }

    private async Task ForwardAsync(string resourceName, string resourceId, CancellationToken cancellationToken)
    {
        var logger = _loggers.CreateLogger($"{_environment.ApplicationName}.Resources.{resourceName}");
        try
        {
            await foreach (var lines in _resourceLoggers.WatchAsync(resourceId).WithCancellation(cancellationToken))
            {
                foreach (var line in lines)
                {
                    Forward(logger, line.IsErrorMessage ? LogLevel.Error : LogLevel.Information, line.LineNumber, line.Content);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    [LoggerMessage(Message = "{LineNumber}: {LineContent}")]
    private static partial void Forward(ILogger logger, LogLevel level, int lineNumber, string lineContent);
}
