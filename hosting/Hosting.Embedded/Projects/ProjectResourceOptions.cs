namespace Aspire.Hosting;

/// <summary>How a project is launched.</summary>
public class ProjectResourceOptions
{
    /// <summary>The launch profile; chosen by default: the one of the AppHost's name, else the first that launches the project.</summary>
    public string? LaunchProfileName { get; set; }

    /// <summary>Whether no launch profile is used: no environment variables, arguments and endpoints come from it.</summary>
    public bool ExcludeLaunchProfile { get; set; }

    /// <summary>Whether endpoints in the project's Kestrel configuration are ignored.</summary>
    public bool ExcludeKestrelEndpoints { get; set; }
}
