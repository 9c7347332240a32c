namespace Aspire.Hosting.ApplicationModel;

/// <summary>That a resource waits for another one before it starts.</summary>
public sealed class WaitAnnotation : IResourceAnnotation
{
    /// <summary>Declares the wait.</summary>
    /// <param name="resource">What is waited for.</param>
    /// <param name="waitType">Until when.</param>
    /// <param name="exitCode">The exit code that counts as success when it is waited for completion. 0 by default.</param>
    public WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resource = resource;
        WaitType = waitType;
        ExitCode = exitCode;
    }

    /// <summary>What is waited for.</summary>
    public IResource Resource { get; }

    /// <summary>Until when.</summary>
    public WaitType WaitType { get; }

    /// <summary>The exit code that counts as success when it is waited for completion.</summary>
    public int ExitCode { get; }

    /// <summary>What to do when the other resource ends; <see langword="null" /> means the application's default.</summary>
    public WaitBehavior? WaitBehavior { get; init; }
}

/// <summary>Until when a resource waits for another one.</summary>
public enum WaitType
{
    /// <summary>Until it runs and is healthy.</summary>
    WaitUntilHealthy,

    /// <summary>Until it has ended.</summary>
    WaitForCompletion,

    /// <summary>Until it runs.</summary>
    WaitUntilStarted
}

/// <summary>What a wait does when the resource that is waited for ends.</summary>
public enum WaitBehavior
{
    /// <summary>It goes on: somebody may start the resource again.</summary>
    WaitOnResourceUnavailable,

    /// <summary>It fails.</summary>
    StopOnResourceUnavailable
}
