using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Aspire.Hosting.Orchestration.Processes;

namespace Hosting.Embedded.Tests.Orchestration.Processes;

/// <summary>
/// This test program started once more as a parent that a test can kill: it starts children with the real starter, prints a line per
/// child and then does nothing, or crashes when told to.
/// </summary>
internal static class ParentProcess
{
    private const string Role = "EMBEDDED_TESTS_PARENT_OF";
    private const char Separator = '\u001f';
    private const string Ready = "ready";

    /// <summary>Starts the parent, with one child per script, and waits until all of them have written a line.</summary>
    public static async Task<(Process Parent, int[] Children)> StartAsync(params string[] scripts)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [Role] = string.Join(Separator, scripts) },
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ParentProcess).Assembly.Location);
        }

        var parent = Process.Start(start)!;
        var children = new List<int>();
        while (await parent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Eventually.Bound, TestContext.Current.CancellationToken) is { } line && line != Ready)
        {
            children.Add(int.Parse(line, CultureInfo.InvariantCulture));
        }

        return (parent, [.. children]);
    }

    // Runs before the test program's own entry point, which it never reaches in this role.
    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Role) is not { } scripts)
        {
            return;
        }

        Environment.SetEnvironmentVariable(Role, null);
        var starter = new ProcessStarter();
        foreach (var script in scripts.Split(Separator))
        {
            using var spoke = new ManualResetEventSlim();
            var child = starter.Start(Shell.Script(script), _ => spoke.Set());
            spoke.Wait();
            Console.WriteLine(child.Id);
        }

        Console.WriteLine(Ready);
        if (Console.ReadLine() == "crash")
        {
            Environment.FailFast("As the test asked for.");
        }

        Environment.Exit(0);
    }
}
