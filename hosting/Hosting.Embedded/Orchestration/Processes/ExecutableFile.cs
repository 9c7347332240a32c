namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Finds the file a command means, so that a missing program is one clear sentence and not a shell's complaint. Reads the disk only.
/// </summary>
internal static class ExecutableFile
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// The full path of <paramref name="command"/>, by the rules of a shell: with a separator a path, without one a name in PATH.
    /// </summary>
    /// <exception cref="ProcessStartException">There is no such file, or it may not be executed.</exception>
    public static string Resolve(string command, string workingDirectory)
    {
        if (!Directory.Exists(workingDirectory))
        {
            throw new ProcessStartException($"The working directory '{workingDirectory}' does not exist.");
        }

        return command.Contains('/') || command.Contains(Path.DirectorySeparatorChar)
            ? ResolvePath(command, workingDirectory)
            : Find(command) ?? throw new ProcessStartException(
                $"The program '{command}' is in no directory of PATH: install it, or give the path of its file.");
    }

    /// <summary>The full path of a program in PATH, or null.</summary>
    public static string? Find(string name)
    {
        var directories =
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return directories.SelectMany(directory => Candidates(Path.Combine(directory, name))).FirstOrDefault(IsExecutable);
    }

    private static string ResolvePath(string command, string workingDirectory)
    {
        var path = Path.GetFullPath(command, Path.GetFullPath(workingDirectory));
        return Candidates(path).FirstOrDefault(IsExecutable) ?? throw new ProcessStartException(
            File.Exists(path) ? $"The file '{path}' is not executable: run chmod +x on it."
            : Directory.Exists(path) ? $"'{path}' is a directory, not a program."
            : $"The program '{path}' does not exist.");
    }

    private static IEnumerable<string> Candidates(string path) =>
        OperatingSystem.IsWindows() && !Path.HasExtension(path)
            ? (Environment.GetEnvironmentVariable("PATHEXT") ?? ".EXE;.CMD;.BAT").Split(';').Select(extension => path + extension)
            : [path];

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0);
}
