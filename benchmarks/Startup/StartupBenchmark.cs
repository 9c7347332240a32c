using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Startup;

/// <summary>
/// How much the AppHost adds to starting its programs: three ping services, then the gateway once they are healthy, first by the AppHost
/// and then by hand with the same arguments, environment and mesh documents, interleaved in one run. Also reports the resident memory of the
/// whole system at rest, the dashboard left out.
/// </summary>
internal static class StartupBenchmark
{
    private const int Replicas = 3;

    public static async Task<int> RunAsync(int rounds)
    {
        List<double> bare = [], host = [];
        var memory = "";
        for (var round = 0; round <= rounds; round++)
        {
            var byHost = await ByAppHostAsync();
            var byHand = await ByHandAsync(byHost.Launches);
            memory = byHost.Memory;
            Console.WriteLine(FormattableString.Invariant($"round {round}: by hand {byHand:F0} ms, AppHost {byHost.Milliseconds:F0} ms"));
            if (round > 0) // The first round warms the file cache.
            {
                bare.Add(byHand);
                host.Add(byHost.Milliseconds);
            }
        }

        Console.WriteLine(FormattableString.Invariant(
            $"median: by hand {Median(bare):F0} ms, AppHost {Median(host):F0} ms, ratio {Median(host) / Median(bare):F2}"));
        Console.WriteLine(memory);
        return 0;
    }

    private static async Task<double> ByHandAsync(Launches launches)
    {
        var mesh = Directory.CreateTempSubdirectory("mesh-");
        var started = new List<Process>();
        try
        {
            var watch = Stopwatch.StartNew();
            var ports = Enumerable.Range(0, Replicas).Select(_ => Programs.FreePort()).ToArray();
            started.AddRange(ports.Select(port => Programs.Start("PingService", "", launches.Ping.EnvironmentFor(port))));
            await Task.WhenAll(ports.Select(port => Programs.UntilHealthyAsync($"http://127.0.0.1:{port}/health")));

            await launches.Mesh.WriteAsync(mesh.FullName, ports);
            var door = Programs.FreePort();
            var gateway = launches.Gateway;
            started.Add(Programs.Start("Gateway", "", gateway.EnvironmentFor(door), gateway.ArgumentsFor(mesh.FullName)));
            await Programs.UntilHealthyAsync($"http://127.0.0.1:{door}/healthz");
            return watch.Elapsed.TotalMilliseconds;
        }
        finally
        {
            await Task.WhenAll(started.Select(Programs.StopAsync));
            mesh.Delete(recursive: true);
        }
    }

    private static async Task<(double Milliseconds, string Memory, Launches Launches)> ByAppHostAsync()
    {
        string[] ports = ["--port", "--nodeport", "--istioport"];
        var (door, arguments) = (Programs.FreePort(), new List<string>());
        foreach (var option in ports)
        {
            arguments.AddRange([option, Text(option == "--port" ? door : Programs.FreePort())]);
        }

        var watch = Stopwatch.StartNew();
        var host = Programs.Start("AppHost", "Embedded", new Dictionary<string, string>(), [.. arguments]);
        try
        {
            // The gateway waits for ping, so its health is everyone's.
            await Programs.UntilHealthyAsync($"http://127.0.0.1:{door}/healthz");
            var milliseconds = watch.Elapsed.TotalMilliseconds;
            var tree = Tree(host.Id);
            var gateway = Launch.Of("Gateway", tree);
            return (milliseconds, ResidentMemory(tree), new(Launch.Of("PingService", tree), gateway, MeshFolder.Read(gateway.MeshFolder!)));
        }
        finally
        {
            await Programs.StopAsync(host);
        }
    }

    private static string ResidentMemory(HashSet<int> tree)
    {
        var rows = Process.GetProcesses().Where(p => tree.Contains(p.Id))
            .Select(p => (p.Id, Megabytes: p.WorkingSet64 / 1048576.0, Command: string.Join(' ', CommandOf(p.Id).Take(2).Select(Path.GetFileName))))
            .Where(p => !p.Command.Contains("Dashboard.dll", StringComparison.Ordinal)).ToList();
        return string.Join(Environment.NewLine, rows.Select(p => FormattableString.Invariant($"  {p.Megabytes,6:F1} MB  {p.Command} ({p.Id})"))
            .Append(FormattableString.Invariant($"  {rows.Sum(p => p.Megabytes),6:F1} MB  resident, the whole system")));
    }

    private static string[] CommandOf(int id) =>
        File.ReadAllText($"/proc/{id}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static HashSet<int> Tree(int root)
    {
        var parents = Process.GetProcesses().Select(p => (p.Id, Parent: Parent(p.Id))).ToList();
        var tree = new HashSet<int> { root };
        while (parents.Any(p => tree.Contains(p.Parent) && tree.Add(p.Id)))
        {
        }

        return tree;
    }

    /// <summary>The parent's id from /proc (proc(5)): the fourth field of stat, after the name in parentheses.</summary>
    private static int Parent(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private sealed record Launches(Launch Ping, Launch Gateway, MeshFolder Mesh);
}
