using Aspire.Hosting.Orchestration.Processes;

namespace Aspire.Hosting.Orchestration.Replicas;

/// <summary>What a <see cref="ReplicaRunner"/> runs and whom it tells.</summary>
internal sealed record ReplicaOptions
{
    /// <summary>Works out what to run, anew for every start; what it throws makes the start fail.</summary>
    public required Func<CancellationToken, Task<ProcessSpec>> PrepareAsync { get; init; }

    /// <summary>Told every new status, one after the other.</summary>
    public required Func<ReplicaStatus, Task> StatusChanged { get; init; }

    /// <summary>Told every line of output; must not block.</summary>
    public Action<OutputLine> Output { get; init; } = static _ => { };

    /// <summary>Runs while the process runs; completes with a reason when the process has to be restarted, with null otherwise.</summary>
    public Func<CancellationToken, Task<string?>> WatchAsync { get; init; } = static _ => Task.FromResult<string?>(null);

    /// <summary>What happens when the process ends by itself.</summary>
    public RestartPolicy RestartPolicy { get; init; } = RestartPolicy.Always;

    /// <summary>What a process gets between SIGTERM and SIGKILL.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(10);
}
