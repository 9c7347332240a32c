namespace Aspire.Hosting.ApplicationModel;

/// <summary>A program of the application that is started by a command.</summary>
public class ExecutableResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints,
    IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
{
    /// <summary>Creates the resource; <c>AddExecutable</c> does it for an AppHost.</summary>
    /// <param name="name">The resource name.</param>
    /// <param name="command">The program: a path, or a name that is found in PATH.</param>
    /// <param name="workingDirectory">The directory it runs in.</param>
    public ExecutableResource(string name, string command, string workingDirectory) : base(name)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        Annotations.Add(new ExecutableAnnotation { Command = command, WorkingDirectory = workingDirectory });
    }

    /// <summary>The program: a path, or a name that is found in PATH.</summary>
    public string Command => Declared.Command;

    /// <summary>The directory it runs in.</summary>
    public string WorkingDirectory => Declared.WorkingDirectory;

    private ExecutableAnnotation Declared => Annotations.OfType<ExecutableAnnotation>().Last();
}

/// <summary>The command of an executable.</summary>
public sealed class ExecutableAnnotation : IResourceAnnotation
{
    /// <summary>The program: a path, or a name that is found in PATH.</summary>
    public required string Command { get; set; }

    /// <summary>The directory it runs in.</summary>
    public required string WorkingDirectory { get; set; }
}
