using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>kill(2): https://pubs.opengroup.org/onlinepubs/9799919799/functions/kill.html</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends a signal to a process group; false when there is no such group.</summary>
    public static bool SendToGroup(int processGroup, int signal) => kill(-processGroup, signal) == 0;

    /// <summary>Sends a signal to one process; false when there is no such process.</summary>
    public static bool Send(int processId, int signal) => kill(processId, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);
}
