using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Orchestration.Replicas;

/// <summary>Where a replica is in its life.</summary>
internal enum ReplicaState
{
    /// <summary>Nobody has started it yet.</summary>
    NotStarted,

    /// <summary>Its process is about to be started.</summary>
    Starting,

    /// <summary>Its process runs.</summary>
    Running,

    /// <summary>Its process died again; the next start waits.</summary>
    CrashLoopBackOff,

    /// <summary>Its process was asked to end.</summary>
    Stopping,

    /// <summary>It was stopped, or its process died and is not started again.</summary>
    Exited,

    /// <summary>Its process ended with code 0 and is not started again.</summary>
    Finished,

    /// <summary>Its process could not be started.</summary>
    FailedToStart,
}

/// <summary>An immutable picture of a replica.</summary>
/// <param name="State">Where it is in its life.</param>
/// <param name="ProcessId">Its process, while there is one.</param>
/// <param name="StartedAt">When its latest process was started.</param>
/// <param name="StoppedAt">When its latest process ended; null while it runs.</param>
/// <param name="ExitCode">The exit code of the last process that ended; 128 and the signal's number for one ended by a signal.</param>
/// <param name="Restarts">How often it was started again without being asked to.</param>
/// <param name="Reason">One sentence on what went wrong, if anything did.</param>
internal sealed record ReplicaStatus(
    ReplicaState State,
    int? ProcessId = null,
    DateTimeOffset? StartedAt = null,
    DateTimeOffset? StoppedAt = null,
    int? ExitCode = null,
    int Restarts = 0,
    string? Reason = null)
{
    /// <summary>The last lines of the process that died; empty unless one did.</summary>
    public IReadOnlyList<OutputLine> LastLines { get; init; } = [];

    /// <summary>Whether it will stay so until somebody starts it.</summary>
    public bool IsAtRest => State is ReplicaState.NotStarted or ReplicaState.Exited or ReplicaState.Finished or ReplicaState.FailedToStart;
}
