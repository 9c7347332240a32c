using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration.Terminal;

/// <summary>
/// Tells the person at the terminal how the run goes: in a terminal a live table until everything is up, then the URLs, then only what
/// changes; elsewhere a line per change. With --verbose the processes' own output too.
/// </summary>
internal sealed class RunReporter(
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    DistributedApplicationModel model,
    DistributedApplicationOptions options,
    IConfiguration configuration) : BackgroundService
{
    private readonly TextWriter _out = TextWriter.Synchronized(Console.Out);
    private readonly RunView _view = new(model);

    private bool IsVerbose => options.Args?.Contains("--verbose") == true || configuration.GetValue("verbose", defaultValue: false);

    private static bool IsTerminal => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lines = new PlainOutput(_out);
        var logs = new LogOutput(loggers, _out, keepsColors: IsTerminal);
        await using var events = notifications.WatchAsync(stoppingToken).GetAsyncEnumerator(stoppingToken);
        try
        {
            if (IsTerminal && !IsVerbose)
            {
                // In a method of its own, so that the terminal library is loaded only when it is used.
                await ShowTableAsync(events);
                lines.WriteUrls(_view.Urls);
            }

            var isUp = _view.IsSettled;
            while (await events.MoveNextAsync())
            {
                if (IsVerbose)
                {
                    logs.Follow(events.Current.ResourceId, stoppingToken);
                }

                var row = _view.Apply(events.Current);
                lines.Write(row);
                isUp |= row?.State == KnownResourceStates.Stopping;
                if (!isUp && _view.IsSettled)
                {
                    isUp = true;
                    lines.WriteUrls(_view.Urls);
                }
            }
        }
        catch (OperationCanceledException)
        {
            WriteLastStates(lines);
        }
    }

    private Task ShowTableAsync(IAsyncEnumerator<ResourceEvent> events) => LiveTable.ShowAsync(_view, events);

    private void WriteLastStates(PlainOutput lines)
    {
        foreach (var id in model.Resources.SelectMany(resource => resource.GetResourceIds()))
        {
            if (notifications.TryGetCurrentState(id, out var last))
            {
                lines.Write(_view.Apply(last));
            }
        }
    }
}
