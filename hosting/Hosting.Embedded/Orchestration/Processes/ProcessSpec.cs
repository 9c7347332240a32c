namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>What to run. Immutable; knows nothing of resources.</summary>
/// <param name="FileName">A path, or a bare name to be looked up in PATH.</param>
/// <param name="Arguments">Arguments, one element each, not quoted.</param>
/// <param name="WorkingDirectory">The directory to run in; a relative <paramref name="FileName"/> with a separator is relative to
/// it.</param>
/// <param name="Environment">Variables set on top of this process's own environment; a null value removes a variable.</param>
internal sealed record ProcessSpec(
    string FileName,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string?> Environment);

/// <summary>A line a child wrote, without its line end.</summary>
internal readonly record struct OutputLine(string Text, bool IsError);

/// <summary>A program could not be started; the message is one sentence for the user.</summary>
internal sealed class ProcessStartException : Exception
{
    public ProcessStartException(string message)
        : base(message)
    {
    }

    public ProcessStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
