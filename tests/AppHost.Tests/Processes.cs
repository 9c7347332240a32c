using System.Diagnostics;
using System.Globalization;

namespace AppHost.Tests;

/// <summary>Signals and process trees, as a person at a terminal has them. Linux: reads /proc.</summary>
internal static class Processes
{
    public static void Signal(int processId, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Every process below this one, at any depth.</summary>
    public static IReadOnlyList<int> Descendants(int root)
    {
        var parents = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Select(id => (Id: id, Parent: Parent(id)))
            .ToList();
        var tree = new HashSet<int> { root };
        while (parents.Any(p => tree.Contains(p.Parent) && tree.Add(p.Id)))
        {
        }

        tree.Remove(root);
        return [.. tree];
    }

    /// <summary>Whether the process still does anything: a zombie that nobody has waited for does not count.</summary>
    public static bool IsAlive(int id) => State(id) is { } state && state != 'Z';

    private static char? State(int id) => Stat(id) is { } fields ? fields[0][0] : null;

    private static int Parent(int id) => Stat(id) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;

    /// <summary>The fields of /proc/ID/stat after the name, which stands in parentheses and may itself hold anything (proc(5)).</summary>
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
}
