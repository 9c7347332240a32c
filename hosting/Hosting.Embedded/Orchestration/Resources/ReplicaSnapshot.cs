using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Replicas;

namespace Aspire.Hosting.Orchestration.Resources;

/// <summary>How the status of a replica appears in its snapshot.</summary>
internal static class ReplicaSnapshot
{
    /// <summary>The process id.</summary>
    public const string ProcessId = "executable.pid";

    /// <summary>How often the process was started again without being asked to.</summary>
    public const string Restarts = "replica.restarts";

    /// <summary>One sentence on what went wrong.</summary>
    public const string Reason = "replica.reason";

    /// <summary>The last lines of a process that died, as <see cref="ImmutableArray{T}"/> of strings.</summary>
    public const string LastLines = "replica.lastLines";

    /// <summary>Aspire's state where it has one; a crash loop is called what Kubernetes calls it.</summary>
    public static ResourceStateSnapshot StateOf(ReplicaStatus status) => status.State switch
    {
        ReplicaState.NotStarted => new(KnownResourceStates.NotStarted, null),
        ReplicaState.Starting => new(KnownResourceStates.Starting, status.Reason is null ? null : KnownResourceStateStyles.Warn),
        ReplicaState.Running => new(KnownResourceStates.Running, KnownResourceStateStyles.Success),
        ReplicaState.CrashLoopBackOff => new(nameof(ReplicaState.CrashLoopBackOff), KnownResourceStateStyles.Error),
        ReplicaState.Stopping => new(KnownResourceStates.Stopping, KnownResourceStateStyles.Info),
        ReplicaState.Finished => new(KnownResourceStates.Finished, KnownResourceStateStyles.Success),
        ReplicaState.FailedToStart => new(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
        _ => new(KnownResourceStates.Exited, status.Reason is null ? null : KnownResourceStateStyles.Error),
    };

    /// <summary>The facts of a launch and of the process it became.</summary>
    public static ImmutableArray<ResourcePropertySnapshot> PropertiesOf(
        ReplicaStatus status,
        ImmutableArray<ResourcePropertySnapshot> launch)
    {
        var properties = launch.ToBuilder();
        if (status.ProcessId is { } id)
        {
            properties.Add(new(ProcessId, id));
        }

        if (status.Restarts > 0)
        {
            properties.Add(new(Restarts, status.Restarts));
        }

        if (status.Reason is { } reason)
        {
            properties.Add(new(Reason, reason));
            properties.Add(new(LastLines, status.LastLines.Select(line => line.Text).ToImmutableArray()));
        }

        return properties.ToImmutable();
    }
}
