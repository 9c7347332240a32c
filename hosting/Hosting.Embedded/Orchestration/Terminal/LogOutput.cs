using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration.Terminal;

/// <summary>The output of the processes, each line after the name of its replica.</summary>
internal sealed class LogOutput(ResourceLoggerService loggers, TextWriter output, bool keepsColors)
{
    private readonly HashSet<string> _followed = [];

    /// <summary>Writes what a replica writes from now on and what it has written so far; once.</summary>
    public void Follow(string id, CancellationToken cancellationToken)
    {
        if (_followed.Add(id))
        {
            _ = WriteAsync(id, cancellationToken);
        }
    }

    private async Task WriteAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var lines in loggers.WatchAsync(id).WithCancellation(cancellationToken))
            {
                foreach (var line in lines)
                {
                    // The time stands before the first space; here the order tells enough.
                    var text = line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..];
                    output.WriteLine($"{id} | {(keepsColors ? text : AnsiText.Strip(text))}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application has stopped.
        }
    }
}
