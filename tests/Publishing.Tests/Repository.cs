namespace Publishing.Tests;

/// <summary>The files of this repository, and folders that last for one test.</summary>
internal static class Repository
{
    /// <summary>The folder that has the solution.</summary>
    public static string Root { get; } = Path.GetDirectoryName(Projects.AppHost.ProjectPath)!;

    /// <summary>What was published and committed.</summary>
    public static string Output { get; } = Path.Combine(Root, "aspirate-output");

    /// <summary>All files below a folder by their relative path, with forward slashes.</summary>
    public static SortedDictionary<string, string> Files(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllText),
        StringComparer.Ordinal);
}

/// <summary>A folder that lasts for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("publishing-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(File(name))!);
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
