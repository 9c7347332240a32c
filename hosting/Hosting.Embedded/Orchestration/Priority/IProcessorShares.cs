namespace Aspire.Hosting.Orchestration.Priority;

/// <summary>What became of a change of a process's share.</summary>
internal enum ShareChange
{
    /// <summary>It is changed.</summary>
    Done,

    /// <summary>The system does not change another one so soon; ask again.</summary>
    Busy,

    /// <summary>It cannot be changed: not on this system, or there is no such process.</summary>
    Impossible,
}

/// <summary>The shares of the processors that processes get when there is not enough for all. The seam to the operating system.</summary>
internal interface IProcessorShares
{
    /// <summary>Reduces the share of a process, with all that it started itself, to a third, or gives it back its own.</summary>
    ShareChange Change(int processId, bool reduced);
}
