using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>
/// Where a project is and how it is launched. The classes in the namespace <c>Projects</c>, generated at build, implement it.
/// </summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>The full path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>The launch settings; <see langword="null" /> means <c>Properties/launchSettings.json</c> beside the project file.</summary>
    LaunchSettings? LaunchSettings => null;

    /// <summary>Whether the project is built already when the application starts. <see langword="false" /> by default.</summary>
    bool SuppressBuild => false;

    /// <summary>Whether the project is a single C# file.</summary>
    bool IsFileBasedApp => string.Equals(Path.GetExtension(ProjectPath), ".cs", StringComparison.OrdinalIgnoreCase);
}
