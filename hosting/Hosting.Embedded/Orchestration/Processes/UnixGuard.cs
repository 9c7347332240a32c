using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>
/// Starts a program on Unix so that neither it nor anything in its process group outlives this process, a SIGKILL included.
/// </summary>
/// <remarks>
/// The child is <c>setsid sh -c SCRIPT</c>, which becomes the program by exec, so its process id is the program's. Before that the shell
/// forks a watcher that blocks on a pipe whose only writer is this process: however this process ends, the kernel closes the pipe, the
/// watcher reads end of file, sends SIGTERM to the group, gives it five seconds and kills it. The watcher exists before the program does,
/// and a pipe that is closed already reads as end of file, so there is no moment without a guard. The watcher is a member of the group,
/// hence the group's id cannot be given to somebody else before the watcher has used it.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal static class UnixGuard
{
    /// <summary>The name under which the shell reports that it could not execute the program.</summary>
    private const string ShellName = "exec-guard";

    private const string EnvironmentPrefix = "EXEC_GUARD_ENVIRONMENT_";

    // The first argument is "-" when the process leads a group of its own, so that -PID means the group, and "" when it does not.
    // POSIX shells may drop variables whose names are not identifiers (dash does; a reference to a resource named a-b makes such a
    // name), so those travel as numbered variables and env(1) puts them back: XCU 2.5.3 and XBD 8.1,
    // https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_05_03
    private const string Script =
        """
        exec 3<&0 </dev/null
        group=$1
        variables=$2
        shift 2
        {
          trap '' TERM INT HUP
          cd /
          read -r _ <&3 && exit
          kill -TERM "$group$$"
          i=0
          while [ "$i" -lt 50 ] && kill -0 "$$"; do sleep 0.1; i=$((i + 1)); done
          kill -KILL "$group$$"
        } >/dev/null 2>&1 &
        if [ "$variables" -gt 0 ]; then
          while [ "$variables" -gt 0 ]; do
            variables=$((variables - 1))
            eval "set -- \"\$EXEC_GUARD_ENVIRONMENT_$variables\" \"\$@\"; unset EXEC_GUARD_ENVIRONMENT_$variables"
          done
          set -- env "$@"
        fi
        exec "$@" 3<&-
        """;

    private static readonly (string? Program, string[] Arguments) NewSession = FindNewSession();

    /// <summary>Whether children lead a process group of their own. False only where neither setsid nor perl exists.</summary>
    public static bool HasGroup => NewSession.Program is not null;

    /// <summary>Makes <paramref name="start"/> run <paramref name="program"/> under guard; its environment must be complete.</summary>
    public static void Wrap(ProcessStartInfo start, string program, IEnumerable<string> arguments)
    {
        var carried = CarryUnusualVariables(start.Environment);
        string[] shell = ["/bin/sh", "-c", Script, ShellName, HasGroup ? "-" : "", carried, program];
        string[] command =
            [.. NewSession.Program is { } first ? [first] : Array.Empty<string>(), .. NewSession.Arguments, .. shell, .. arguments];
        start.FileName = command[0];
        foreach (var argument in command.AsSpan(1))
        {
            start.ArgumentList.Add(argument);
        }
    }

    /// <summary>
    /// The shell's reason when it could not become the program (exit code 126 or 127 and its own message last), else null.
    /// </summary>
    public static string? ExecFailure(int exitCode, IReadOnlyList<OutputLine> lastLines)
    {
        if (exitCode is not (126 or 127) || lastLines.LastOrDefault(line => line.IsError).Text is not { } last)
        {
            return null;
        }

        return last.StartsWith(ShellName + ":", StringComparison.Ordinal) || last.StartsWith("env:", StringComparison.Ordinal)
            ? last[(last.LastIndexOf(':') + 1)..].Trim()
            : null;
    }

    private static string CarryUnusualVariables(IDictionary<string, string?> environment)
    {
        var unusual = environment.Keys.Where(name => !IsIdentifier(name)).ToArray();
        for (var i = 0; i < unusual.Length; i++)
        {
            environment[$"{EnvironmentPrefix}{i}"] = $"{unusual[i]}={environment[unusual[i]]}";
            environment.Remove(unusual[i]);
        }

        return unusual.Length.ToString(CultureInfo.InvariantCulture);
    }

    // setsid is in util-linux and busybox; macOS has none, but perl.
    private static (string? Program, string[] Arguments) FindNewSession() =>
        ExecutableFile.Find("setsid") is { } setsid ? (setsid, [])
        : ExecutableFile.Find("perl") is { } perl ? (perl, ["-e", "setpgrp; exec @ARGV or exit 127", "--"])
        : (null, []);

    private static bool IsIdentifier(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
