using System.Globalization;

namespace Gateway.Listening;

/// <summary>
/// How sockets are served in a process that is nothing but a gateway: where their events arrive, by a few threads, as nginx's and Envoy's
/// workers do it. The default hands every event to the thread pool, which costs more than most requests need for all else.
/// </summary>
/// <remarks>
/// The settings of .NET's sockets on Unix: dotnet/runtime
/// src/libraries/System.Net.Sockets/src/System/Net/Sockets/SocketAsyncEngine.Unix.cs. What the environment says already stays.
/// </remarks>
internal static class SocketThreads
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    private const string ThreadCount = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";

    /// <summary>Whether events are served where they arrive.</summary>
    public static bool AreInline => !OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable(InlineCompletions) == "1";

    /// <summary>Chooses that for this process. Before its first socket, which reads the settings.</summary>
    public static void Choose()
    {
        // On a laptop the clients and the replicas want the other half of the cores.
        Set(ThreadCount, Math.Max(1, Environment.ProcessorCount / 2).ToString(CultureInfo.InvariantCulture));
        Set(InlineCompletions, "1");
    }

    private static void Set(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is null)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}
