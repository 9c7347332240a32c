namespace Aspire.Hosting.Orchestration.Replicas;

/// <summary>
/// How long to wait before a process is started again. As in Kubernetes the delay doubles with every crash and is forgotten once a
/// process has stayed up, but quicker, since somebody watches: none for the first crash, then 0.5 s, 1 s, 2 s ... at most 30 s,
/// forgotten after 10 s. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts
/// </summary>
/// <param name="Crashes">Crashes in a row so far.</param>
internal readonly record struct RestartBackOff(int Crashes)
{
    /// <summary>A process that was up for this long has recovered.</summary>
    public static readonly TimeSpan RecoveredAfter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    /// <summary>The delay to keep before the next start.</summary>
    public TimeSpan Delay => Crashes switch
    {
        <= 1 => TimeSpan.Zero,
        > 8 => MaxDelay,
        _ => FirstDelay * (1 << (Crashes - 2)) is var delay && delay < MaxDelay ? delay : MaxDelay,
    };

    /// <summary>The state after one more crash of a process that had been up for <paramref name="uptime"/>.</summary>
    public RestartBackOff AfterCrash(TimeSpan uptime) => new(uptime >= RecoveredAfter ? 1 : Crashes + 1);
}
