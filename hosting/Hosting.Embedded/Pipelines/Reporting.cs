using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>How something ended.</summary>
public enum CompletionState
{
    /// <summary>It has not ended.</summary>
    InProgress,

    /// <summary>Well.</summary>
    Completed,

    /// <summary>Well, but not without a warning.</summary>
    CompletedWithWarning,

    /// <summary>It failed.</summary>
    CompletedWithError
}

/// <summary>Where a step tells how far it is.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IReportingStep : IAsyncDisposable
{
    /// <summary>Begins a task of the step.</summary>
    /// <param name="statusText">What it does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The task, to be completed.</returns>
    Task<IReportingTask> CreateTaskAsync(string statusText, CancellationToken cancellationToken = default);

    /// <summary>Tells something.</summary>
    /// <param name="logLevel">How important it is.</param>
    /// <param name="message">What to tell.</param>
    void Log(LogLevel logLevel, string message);

    /// <summary>Ends the step.</summary>
    /// <param name="completionText">What came of it.</param>
    /// <param name="completionState">How it ended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task.</returns>
    Task CompleteAsync(
        string completionText,
        CompletionState completionState = CompletionState.Completed,
        CancellationToken cancellationToken = default);
}

/// <summary>A task of a step.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IReportingTask : IAsyncDisposable
{
    /// <summary>Tells how far it is.</summary>
    /// <param name="statusText">What it does now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task.</returns>
    Task UpdateAsync(string statusText, CancellationToken cancellationToken = default);

    /// <summary>Ends the task.</summary>
    /// <param name="completionMessage">What came of it.</param>
    /// <param name="completionState">How it ended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task.</returns>
    Task CompleteAsync(
        string? completionMessage = null,
        CompletionState completionState = CompletionState.Completed,
        CancellationToken cancellationToken = default);
}

/// <summary>Tells the log, which is what the embedded engine has in the place of the Aspire command's display.</summary>
internal sealed partial class LoggedStep : IReportingStep, IReportingTask
{
    private readonly ILogger _logger;

    public LoggedStep(ILogger logger, string name)
    {
        _logger = logger;
        Name = name;
    }

    public string Name { get; }

    public Task<IReportingTask> CreateTaskAsync(string statusText, CancellationToken cancellationToken = default)
    {
        Log(LogLevel.Information, statusText);
        return Task.FromResult<IReportingTask>(this);
    }

    public void Log(LogLevel logLevel, string message) => Write(_logger, logLevel, Name, message);

    public Task CompleteAsync(string? completionText, CompletionState completionState, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(completionText))
        {
            Log(
                completionState switch
                {
                    CompletionState.CompletedWithWarning => LogLevel.Warning,
                    CompletionState.CompletedWithError => LogLevel.Error,
                    _ => LogLevel.Information
                },
                completionText);
        }

        return Task.CompletedTask;
    }

    public Task UpdateAsync(string statusText, CancellationToken cancellationToken = default)
    {
        Log(LogLevel.Information, statusText);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [LoggerMessage(Message = "({Step}) {Text}")]
    private static partial void Write(ILogger logger, LogLevel level, string step, string text);
}
