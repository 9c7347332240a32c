namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states of resources that consumers know.</summary>
public static class KnownResourceStates
{
    /// <summary>Not meant to be seen.</summary>
    [Obsolete("Use CustomResourceSnapshot.IsHidden instead.")]
    public static readonly string Hidden = "Hidden";

    /// <summary>Being started.</summary>
    public static readonly string Starting = "Starting";

    /// <summary>Running.</summary>
    public static readonly string Running = "Running";

    /// <summary>Could not be started.</summary>
    public static readonly string FailedToStart = "FailedToStart";

    /// <summary>What is needed to run it does not work.</summary>
    public static readonly string RuntimeUnhealthy = "RuntimeUnhealthy";

    /// <summary>Being stopped.</summary>
    public static readonly string Stopping = "Stopping";

    /// <summary>Ended, though it was meant to go on.</summary>
    public static readonly string Exited = "Exited";

    /// <summary>Ended as it was meant to.</summary>
    public static readonly string Finished = "Finished";

    /// <summary>Waiting for other resources.</summary>
    public static readonly string Waiting = "Waiting";

    /// <summary>Waiting to be started by hand.</summary>
    public static readonly string NotStarted = "NotStarted";

    /// <summary>Being built.</summary>
    public static readonly string Building = "Building";

    /// <summary>A parameter without a value.</summary>
    public static readonly string ValueMissing = "ValueMissing";

    /// <summary>Present without running, such as an environment.</summary>
    public static readonly string Active = "Active";

    /// <summary>The states a resource does not leave by itself.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];

    /// <summary>The states in which a project can be built anew.</summary>
    public static readonly IReadOnlyList<string> BuildableStates = [Running, Waiting, Finished, FailedToStart, Exited];
}

/// <summary>How states are shown.</summary>
public static class KnownResourceStateStyles
{
    /// <summary>All is well.</summary>
    public static readonly string Success = "success";

    /// <summary>It failed.</summary>
    public static readonly string Error = "error";

    /// <summary>Worth knowing.</summary>
    public static readonly string Info = "info";

    /// <summary>Needs attention.</summary>
    public static readonly string Warn = "warning";
}
