using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using Aspire.Hosting.ApplicationModel;
using Dashboard.EngineLink;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Keeps a connection to the dashboard: tells it what the resources are doing, sends the logs that somebody reads there, and carries out
/// its commands. When the dashboard is gone it tries again until there is a new one; the application does not notice.
/// </summary>
internal sealed class DashboardLink(
    DashboardResource dashboard,
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    ResourceCommandService commands,
    TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Knocking before it is up would only take time from what is starting.
                await notifications.WaitForResourceAsync(dashboard.Name, IsUp, stoppingToken);
                await ConnectAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
            {
                // It has died and is being started again.
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static bool IsUp(ResourceEvent @event) =>
        @event.Snapshot.State?.Text == KnownResourceStates.Running && @event.Snapshot.HealthStatus == HealthStatus.Healthy;

    private async Task ConnectAsync(CancellationToken stopping)
    {
        var endpoint = dashboard.GetEndpoint(DashboardResource.FrontendEndpoint);
        using var client = new ClientWebSocket();
        client.Options.Proxy = null;
        client.Options.SetRequestHeader("Authorization", $"Bearer {dashboard.EngineKey}");
        await client.ConnectAsync(new UriBuilder(endpoint.Url) { Scheme = "ws", Path = "/engine" }.Uri, stopping);
        using var socket = new MessageSocket<EngineMessage, DashboardMessage>(
            client, MessageJson.Default.EngineMessage, MessageJson.Default.DashboardMessage);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var connection = new Connection(socket, loggers, commands, ended.Token);
        var telling = TellAsync(socket, ended.Token);
        var serving = connection.ServeAsync();
        await Task.WhenAny(telling, serving);
        await ended.CancelAsync();
        await Task.WhenAll(telling, serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TellAsync(MessageSocket<EngineMessage, DashboardMessage> socket, CancellationToken cancellationToken)
    {
        await foreach (var @event in notifications.WatchAsync(cancellationToken))
        {
            // A replica that is no longer one of its resource's has been scaled away.
            EngineMessage message = @event.Resource.GetResourceIds().Contains(@event.ResourceId, ResourceNameComparer.Instance)
                ? new ResourceChanged(ResourceInfoFactory.Create(@event, model.Resources.ToList().IndexOf(@event.Resource)))
                : new ResourceRemoved(@event.ResourceId);
            await socket.SendAsync(message, cancellationToken);
        }
    }

    /// <summary>What the dashboard has asked for over one connection.</summary>
    private sealed class Connection(
        MessageSocket<EngineMessage, DashboardMessage> socket,
        ResourceLoggerService loggers,
        ResourceCommandService commands,
        CancellationToken ended) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, (CancellationTokenSource Stop, Task Task)> _logs = new(ResourceNameComparer.Instance);

        public async Task ServeAsync()
        {
            while (await socket.ReceiveAsync(ended) is { } message)
            {
                switch (message)
                {
                    case WatchLog watch when !_logs.ContainsKey(watch.Id):
                        var stop = CancellationTokenSource.CreateLinkedTokenSource(ended);
                        _logs[watch.Id] = (stop, SendLogAsync(watch.Id, stop.Token));
                        break;
                    case UnwatchLog unwatch when _logs.TryRemove(unwatch.Id, out var log):
                        await log.Stop.CancelAsync();
                        break;
                    case RunCommand command:
                        _ = RunAsync(command);
                        break;
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (stop, task) in _logs.Values)
            {
                await stop.CancelAsync();
                await task;
                stop.Dispose();
            }
        }

        private async Task SendLogAsync(string id, CancellationToken cancellationToken)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            try
            {
                await foreach (var lines in loggers.WatchAsync(id).WithCancellation(cancellationToken))
                {
                    await socket.SendAsync(new LogWritten(id, [.. lines.Select(LineOf)]), cancellationToken);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
            {
                // Nobody reads it any more.
            }
        }

        private async Task RunAsync(RunCommand command)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            try
            {
                var result = await commands.ExecuteCommandAsync(command.Resource, command.Command, ended);
                var message = result.Canceled ? "The command was cancelled." : result.Message;
                await socket.SendAsync(new CommandEnded(command.Request, result.Success, message, result.Data?.Value), ended);
            }
            catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
            {
                // Whoever gave the command has gone.
            }
        }

        // The line begins with the time and a space.
        private static ConsoleLine LineOf(LogLine line)
        {
            var space = line.Content.IndexOf(' ', StringComparison.Ordinal);
            var moment = DateTime.Parse(line.Content.AsSpan(0, space), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
            return new ConsoleLine(line.LineNumber, moment, line.Content[(space + 1)..], line.IsErrorMessage);
        }
    }
}
