using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;
using Hosting.Embedded;

namespace Aspire.Hosting.Orchestration.Launch;

/// <summary>
/// Finds what a build of a project left to run. The generated metadata of a referenced project says where it is; only a project that
/// was added by its path has to be evaluated by MSBuild, once.
/// </summary>
internal sealed class ProjectOutput(IProcessStarter starter)
{
    private static readonly TimeSpan EvaluationTime = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _evaluated = new();

    /// <summary>The root of the .NET installation that runs this process; null when this process brings its own runtime.</summary>
    public static string? DotNetRoot { get; } = FindDotNetRoot();

    /// <summary>The program <c>dotnet</c> of that installation.</summary>
    public static string DotNet { get; } =
        DotNetRoot is { } root ? Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet") : "dotnet";

    /// <summary>The command line that runs a project: its own executable, or dotnet and its assembly where it has none.</summary>
    /// <exception cref="ProcessStartException">It has not been built.</exception>
    public async Task<(string Program, string[] Arguments)> FindAsync(ProjectResource project, CancellationToken cancellationToken)
    {
        var metadata = project.GetProjectMetadata();
        var target = metadata is IBuiltProject built
            ? built.TargetPath
            : await _evaluated.GetOrAdd(metadata.ProjectPath, path => new(() => EvaluateAsync(path))).Value.WaitAsync(cancellationToken);
        if (!File.Exists(target))
        {
            throw new ProcessStartException(
                $"Project '{metadata.ProjectPath}' is not built, '{target}' does not exist: run dotnet build on the AppHost or on the project.");
        }

        var executable = OperatingSystem.IsWindows() ? Path.ChangeExtension(target, ".exe") : Path.ChangeExtension(target, null);
        return DotNetRoot is not null && File.Exists(executable) ? (executable, []) : (DotNet, [target]);
    }

    private async Task<string> EvaluateAsync(string projectPath)
    {
        if (!File.Exists(projectPath))
        {
            throw new ProcessStartException($"The project file '{projectPath}' does not exist.");
        }

        var lines = new ConcurrentQueue<OutputLine>();
        var msbuild = starter.Start(
            new ProcessSpec(
                DotNet,
                ["msbuild", projectPath, "-getProperty:TargetPath", "-nologo"],
                Path.GetDirectoryName(projectPath)!,
                new Dictionary<string, string?>()),
            lines.Enqueue);
        using var bound = new CancellationTokenSource(EvaluationTime);
        await using var end = bound.Token.Register(msbuild.Kill);
        var exitCode = await msbuild.Exited;
        var output = lines.Where(line => !line.IsError && !string.IsNullOrWhiteSpace(line.Text)).Select(line => line.Text.Trim()).ToArray();
        return exitCode == 0 && output is [.., var path]
            ? path
            : throw new ProcessStartException(
                $"The project '{projectPath}' could not be evaluated (exit code {exitCode}): {(output.Length > 0 ? output[^1] : "no output")}");
    }

    // The runtime is ROOT/shared/Microsoft.NETCore.App/VERSION.
    private static string? FindDotNetRoot()
    {
        var runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        var root = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        return Directory.Exists(Path.Combine(root, "host", "fxr")) ? root : null;
    }
}
