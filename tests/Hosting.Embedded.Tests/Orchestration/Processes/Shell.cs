using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting.Orchestration.Processes;

namespace Hosting.Embedded.Tests.Orchestration.Processes;

/// <summary>Small shell commands as children, and what /proc says about them.</summary>
internal static class Shell
{
    public static readonly Dictionary<string, string?> NoEnvironment = [];

    public static ProcessSpec Script(string script, params string[] arguments) =>
        new("/bin/sh", ["-c", script, "sh", .. arguments], Path.GetTempPath(), NoEnvironment);

    /// <summary>Runs to the end and returns what was written.</summary>
    public static async Task<(int ExitCode, string[] Out, string[] Error)> RunAsync(ProcessSpec spec)
    {
        var lines = new ConcurrentQueue<OutputLine>();
        var child = new ProcessStarter().Start(spec, lines.Enqueue);
        var exitCode = await child.Exited.WaitAsync(Eventually.Bound, TestContext.Current.CancellationToken);
        return (exitCode, [.. lines.Where(l => !l.IsError).Select(l => l.Text)], [.. lines.Where(l => l.IsError).Select(l => l.Text)]);
    }

    /// <summary>Starts a child and waits for its first line.</summary>
    public static async Task<(IChildProcess Child, string FirstLine)> StartAsync(string script, Action<OutputLine>? output = null)
    {
        var first = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var child = new ProcessStarter().Start(Script(script), line =>
        {
            first.TrySetResult(line.Text);
            output?.Invoke(line);
        });
        return (child, await first.Task.WaitAsync(Eventually.Bound, TestContext.Current.CancellationToken));
    }

    /// <summary>The processes of a session that are not zombies; the session's leader is the child, so its id is the child's.</summary>
    public static int[] Session(int id) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(directory => int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && StatOf(pid) is { } stat && stat[3] == id.ToString(CultureInfo.InvariantCulture) && stat[0] != "Z"),
    ];

    /// <summary>Field 3 and following of /proc/PID/stat: state, parent, group, session; null when there is no such process.</summary>
    public static string[]? StatOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
