namespace Aspire.Hosting.Orchestration.Replicas;

/// <summary>
/// What happens when a process ends that nobody asked to: Kubernetes' restartPolicy.
/// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
/// </summary>
internal enum RestartPolicy
{
    /// <summary>A service: started again whatever its exit code.</summary>
    Always,

    /// <summary>Started again unless its exit code is 0.</summary>
    OnFailure,

    /// <summary>A job that others wait for: never started again.</summary>
    Never,
}
