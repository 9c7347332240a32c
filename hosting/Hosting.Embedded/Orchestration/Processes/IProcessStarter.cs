namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Starts children that cannot outlive this process. The seam between state machines and the operating system.</summary>
internal interface IProcessStarter
{
    /// <summary>Starts a child.</summary>
    /// <param name="spec">What to run.</param>
    /// <param name="output">Receives every line of output, in order per stream; must not block.</param>
    /// <exception cref="ProcessStartException">The program or its working directory is missing or cannot be executed.</exception>
    IChildProcess Start(ProcessSpec spec, Action<OutputLine> output);
}

/// <summary>A running child, with all that it starts itself.</summary>
internal interface IChildProcess
{
    /// <summary>The process id of the program itself.</summary>
    int Id { get; }

    /// <summary>
    /// Completes when the program has ended and its output has been read, and then nothing of its process group is left to run on.
    /// Faults with a <see cref="ProcessStartException"/> when the program turned out not to be executable.
    /// </summary>
    Task<int> Exited { get; }

    /// <summary>Asks the program and what it started to end (SIGTERM; CTRL_BREAK on Windows). Does nothing after it has ended.</summary>
    void Terminate();

    /// <summary>Ends the program and what it started at once (SIGKILL). Does nothing after it has ended.</summary>
    void Kill();
}
