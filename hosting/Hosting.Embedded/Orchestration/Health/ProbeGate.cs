namespace Aspire.Hosting.Orchestration.Health;

/// <summary>What one probe saw.</summary>
/// <param name="Success">Whether the probe passed.</param>
/// <param name="Description">Why it did not; null when it did.</param>
internal readonly record struct ProbeOutcome(bool Success, string? Description = null);

/// <summary>
/// The thresholds of a Kubernetes probe: so many successes in a row make it pass, so many failures in a row make it fail.
/// https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes
/// </summary>
internal sealed class ProbeGate(int failureThreshold, int successThreshold)
{
    private int _failures;
    private int _successes;

    /// <summary>The verdict: null until one of the thresholds has been reached for the first time.</summary>
    public bool? Passes { get; private set; }

    /// <summary>Takes in an outcome; true when the verdict changed.</summary>
    public bool Record(bool success)
    {
        var before = Passes;
        (_successes, _failures) = success ? (_successes + 1, 0) : (0, _failures + 1);
        if (_successes >= successThreshold)
        {
            Passes = true;
        }
        else if (_failures >= failureThreshold)
        {
            Passes = false;
        }

        return Passes != before;
    }
}
