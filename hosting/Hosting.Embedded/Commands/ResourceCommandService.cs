using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Gives commands to resources.</summary>
public partial class ResourceCommandService
{
    private readonly ResourceNotificationService _notifications;
    private readonly ResourceLoggerService _loggers;
    private readonly IServiceProvider _services;
    private readonly DistributedApplicationModel _model;

    internal ResourceCommandService(
        ResourceNotificationService notifications,
        ResourceLoggerService loggers,
        DistributedApplicationModel model,
        IServiceProvider services)
    {
        _notifications = notifications;
        _loggers = loggers;
        _model = model;
        _services = services;
    }

    /// <summary>Gives a command to a resource or a replica.</summary>
    /// <param name="resourceId">The name of a replica, or of a resource; a resource's name means each of its replicas.</param>
    /// <param name="commandName">The name of the command; see <see cref="KnownResourceCommands" />.</param>
    /// <param name="cancellationToken">Gives up the command.</param>
    /// <returns>How it ended; that there is no such resource or command is a failure, too.</returns>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId,
        string commandName,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resourceId);
        ArgumentNullException.ThrowIfNull(commandName);
        if (_notifications.TryGetCurrentState(resourceId, out var @event))
        {
            return ExecuteOneAsync(@event.Resource, @event.ResourceId, commandName, cancellationToken);
        }

        return _model.Resources.TryGetByName(resourceId, out var resource)
            ? ExecuteCommandAsync(resource, commandName, cancellationToken)
            : Task.FromResult(CommandResults.Failure($"Resource '{resourceId}' not found."));
    }

    /// <summary>Gives a command to a resource, to each of its replicas at once when it has several.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="commandName">The name of the command; see <see cref="KnownResourceCommands" />.</param>
    /// <param name="cancellationToken">Gives up the command.</param>
    /// <returns>How it ended; that there is no such command is a failure, too.</returns>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource,
        string commandName,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(commandName);
        if (FindCommand(resource, commandName) is { IsGivenOnce: true })
        {
            return await ExecuteOneAsync(resource, resource.GetResourceIds()[0], commandName, cancellationToken);
        }

        var ids = resource.GetResourceIds();
        var results = await Task.WhenAll(ids.Select(id => ExecuteOneAsync(resource, id, commandName, cancellationToken)));
        var failures = ids.Zip(results).Where(static r => !r.Second.Success && !r.Second.Canceled).ToArray();
        if (ids.Count == 1 || (failures.Length == 0 && !results.Any(static r => r.Canceled)))
        {
            return results[0];
        }

        return failures.Length == 0
            ? CommandResults.Canceled()
            : CommandResults.Failure(
                $"{failures.Length} of {ids.Count} command executions failed: " +
                string.Join("; ", failures.Select(static f => $"{f.First}: {f.Second.Message ?? "no reason given"}")));
    }

    private async Task<ExecuteCommandResult> ExecuteOneAsync(
        IResource resource,
        string resourceId,
        string commandName,
        CancellationToken cancellationToken)
    {
        var command = FindCommand(resource, commandName);
        if (command is null)
        {
            return CommandResults.Failure($"Command '{commandName}' not available for resource '{resourceId}'.");
        }

        var logger = _loggers.GetLogger(resourceId);
        try
        {
            LogExecuting(logger, command.Name);
            var result = await command.ExecuteCommand(new ExecuteCommandContext
            {
                ResourceName = resourceId,
                Services = _services,
                CancellationToken = cancellationToken,
                Logger = logger
            });
            var outcome = result.Success ? "succeeded" : result.Canceled ? "was cancelled" : $"failed: {result.Message}";
            LogExecuted(logger, command.Name, outcome);
            return result;
        }
        catch (OperationCanceledException)
        {
            LogExecuted(logger, command.Name, "was cancelled");
            return CommandResults.Canceled();
        }
        catch (Exception exception)
        {
            LogException(logger, exception, command.Name);
            return CommandResults.Failure(exception);
        }
    }

    private static ResourceCommandAnnotation? FindCommand(IResource resource, string commandName) =>
        resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(c => ResourceNameComparer.Equals(c.Name, commandName));

    [LoggerMessage(Level = LogLevel.Information, Message = "Executing command '{Command}'.")]
    private static partial void LogExecuting(ILogger logger, string command);

    [LoggerMessage(Level = LogLevel.Information, Message = "Command '{Command}' {Outcome}.")]
    private static partial void LogExecuted(ILogger logger, string command, string outcome);

    [LoggerMessage(Level = LogLevel.Error, Message = "Command '{Command}' failed.")]
    private static partial void LogException(ILogger logger, Exception exception, string command);
}
