namespace Aspire.Hosting.ApplicationModel;

/// <summary>Makes results of commands.</summary>
public static class CommandResults
{
    /// <summary>It did what it should.</summary>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Success() => new() { Success = true };

    /// <summary>It did what it should.</summary>
    /// <param name="message">What to tell the one who gave it.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Success(string message) => new() { Success = true, Message = message };

    /// <summary>It did what it should and returned something.</summary>
    /// <param name="message">What to tell the one who gave it.</param>
    /// <param name="result">What it returned.</param>
    /// <param name="resultFormat">What kind of text that is.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Success(
        string message,
        string result,
        CommandResultFormat resultFormat = CommandResultFormat.Text) =>
        Success(message, new CommandResultData { Value = result, Format = resultFormat });

    /// <summary>It did what it should and returned something.</summary>
    /// <param name="message">What to tell the one who gave it.</param>
    /// <param name="value">What it returned.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Success(string message, CommandResultData value) =>
        new() { Success = true, Message = message, Data = value };

    /// <summary>It failed.</summary>
    /// <param name="errorMessage">Why.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };

    /// <summary>It failed with an exception.</summary>
    /// <param name="exception">The exception; its message is told to the one who gave the command.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Failure(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return Failure(exception.Message);
    }

    /// <summary>It failed and returned something.</summary>
    /// <param name="errorMessage">Why.</param>
    /// <param name="result">What it returned.</param>
    /// <param name="resultFormat">What kind of text that is.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Failure(
        string errorMessage,
        string result,
        CommandResultFormat resultFormat = CommandResultFormat.Text) =>
        Failure(errorMessage, new CommandResultData { Value = result, Format = resultFormat });

    /// <summary>It failed and returned something.</summary>
    /// <param name="errorMessage">Why.</param>
    /// <param name="value">What it returned.</param>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Failure(string errorMessage, CommandResultData value) =>
        new() { Success = false, Message = errorMessage, Data = value };

    /// <summary>It was cancelled.</summary>
    /// <returns>The result.</returns>
    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}
