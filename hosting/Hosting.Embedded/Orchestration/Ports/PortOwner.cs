using System.Globalization;

namespace Aspire.Hosting.Orchestration.Ports;

/// <summary>
/// Finds out who listens on a port, for the message that it is taken. Linux only and only as far as /proc lets this user see:
/// https://docs.kernel.org/networking/proc_net_tcp.html
/// </summary>
internal static class PortOwner
{
    private const string ListenState = "0A";

    /// <summary>The sentence for a port that is taken.</summary>
    public static string Describe(int port, string endpointName, string resourceName)
    {
        var owner = Find(port) is { } found ? $"process {found.Id} ({found.Name})" : "another program";
        return $"Port {port}, which endpoint '{endpointName}' of resource '{resourceName}' asks for, is in use by {owner}: "
            + "end that program or choose another port, in the AppHost or by an option it reads, such as --port.";
    }

    /// <summary>The process that listens on a TCP port, or null when it cannot be told.</summary>
    public static (int Id, string Name)? Find(int port)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            var sockets =
                InodesOf(port, "/proc/net/tcp").Concat(InodesOf(port, "/proc/net/tcp6")).Select(inode => $"socket:[{inode}]").ToHashSet();
            return sockets.Count == 0 ? null : FindOwner(sockets);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> InodesOf(int port, string table)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.Exists(table)
            ? File.ReadLines(table).Skip(1)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields.Length > 9 && fields[3] == ListenState && fields[1].EndsWith(suffix, StringComparison.Ordinal))
                .Select(fields => fields[9])
            : [];
    }

    private static (int Id, string Name)? FindOwner(HashSet<string> sockets)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var id) && HoldsOneOf(process, sockets))
            {
                return (id, File.ReadAllText(Path.Combine(process, "comm")).Trim());
            }
        }

        return null;
    }

    private static bool HoldsOneOf(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd"))
                .Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or belongs to another user.
            return false;
        }
    }
}
