using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Reads <c>launchSettings.json</c> and chooses the profile a project is launched with.</summary>
internal static class LaunchProfiles
{
    /// <summary>The profile a project is launched with, or <see langword="null" /> when it is launched without one.</summary>
    /// <exception cref="DistributedApplicationException">The chosen profile does not exist, or the file cannot be read.</exception>
    public static (string Name, LaunchProfile Profile)? Effective(ProjectResource project)
    {
        if (project.HasAnnotationOfType<ExcludeLaunchProfileAnnotation>() || Read(project) is not { } settings)
        {
            return null;
        }

        if (project.TryGetLastAnnotation<LaunchProfileAnnotation>(out var chosen))
        {
            return settings.Profiles.TryGetValue(chosen.LaunchProfileName, out var profile)
                ? (chosen.LaunchProfileName, profile)
                : throw new DistributedApplicationException(
                    $"The launch settings of project '{project.Name}' have no profile '{chosen.LaunchProfileName}'; there is " +
                    $"{(settings.Profiles.Count == 0 ? "none" : string.Join(", ", settings.Profiles.Keys))}.");
        }

        if (project.TryGetLastAnnotation<DefaultLaunchProfileAnnotation>(out var preferred)
            && settings.Profiles.TryGetValue(preferred.LaunchProfileName, out var sameName)
            && LaunchesProject(sameName))
        {
            return (preferred.LaunchProfileName, sameName);
        }

        var first = settings.Profiles.FirstOrDefault(static p => LaunchesProject(p.Value));
        return first.Value is null ? null : (first.Key, first.Value);
    }

    private static bool LaunchesProject(LaunchProfile profile) =>
        string.Equals(profile.CommandName, "Project", StringComparison.OrdinalIgnoreCase);

    private static LaunchSettings? Read(ProjectResource project)
    {
        var metadata = project.GetProjectMetadata();
        if (metadata.LaunchSettings is { } given)
        {
            return given;
        }

        var path = Path.Combine(Path.GetDirectoryName(metadata.ProjectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return LaunchSettingsFile.Read(path);
        }
        catch (JsonException exception)
        {
            throw new DistributedApplicationException(
                $"The launch settings of project '{project.Name}' cannot be read: {path}, {LaunchSettingsFile.Describe(exception)}", exception);
        }
    }
}
