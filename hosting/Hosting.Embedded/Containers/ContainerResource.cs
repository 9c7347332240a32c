namespace Aspire.Hosting.ApplicationModel;

/// <summary>A container of the application. It can be declared and published; this engine does not run containers.</summary>
public class ContainerResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints,
    IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
{
    /// <summary>Creates the resource; <c>AddContainer</c> does it for an AppHost.</summary>
    /// <param name="name">The resource name.</param>
    /// <param name="entrypoint">The command that replaces the image's entry point.</param>
    public ContainerResource(string name, string? entrypoint = null) : base(name)
    {
        Entrypoint = entrypoint;
    }

    /// <summary>The command that replaces the image's entry point; <see langword="null" /> keeps it.</summary>
    public string? Entrypoint { get; set; }
}
