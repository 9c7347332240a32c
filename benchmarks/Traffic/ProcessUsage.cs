using System.Globalization;

namespace Benchmarks.Traffic;

/// <summary>CPU time and memory of a process and its children, from /proc (proc(5)).</summary>
internal static class ProcessUsage
{
    /// <summary>The kernel's clock ticks in a second as /proc reports them: USER_HZ, 100 on every Linux architecture in use.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>User and system time used so far, in seconds.</summary>
    public static double CpuSeconds(int root) => Tree(root).Sum(id =>
    {
        var fields = Stat(id);
        return fields is null ? 0 : (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    });

    /// <summary>Resident memory in megabytes: shared pages count once for each process.</summary>
    public static double ResidentMegabytes(int root) => Tree(root).Sum(id =>
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? 0 : Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    });

    private static HashSet<int> Tree(int root)
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Parent: Stat(id) is { } fields ? (int)Number(fields[1]) : 0))
            .ToList();
        var tree = new HashSet<int> { root };
        while (parents.Any(process => tree.Contains(process.Parent) && tree.Add(process.Id)))
        {
        }

        return tree;
    }

    /// <summary>The fields behind the process's name, which stands in parentheses; null when it has ended.</summary>
    private static string[]? Stat(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
