using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Startup;

/// <summary>
/// How much the AppHost adds to starting its programs: three ping services, then the gateway once they are healthy, first by hand and
/// then by the AppHost, interleaved in one run. Also reports the resident memory of the whole system at rest.
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
            var byHand = await ByHandAsync();
            var (byHost, resident) = await ByAppHostAsync();
            memory = resident;
            Console.WriteLine(FormattableString.Invariant($"round {round}: by hand {byHand:F0} ms, AppHost {byHost:F0} ms"));
            if (round > 0) // The first round warms the file cache.
            {
                bare.Add(byHand);
                host.Add(byHost);
            }
        }

        Console.WriteLine(FormattableString.Invariant(
            $"median: by hand {Median(bare):F0} ms, AppHost {Median(host):F0} ms, ratio {Median(host) / Median(bare):F2}"));
        Console.WriteLine(memory);
        return 0;
    }

    private static async Task<double> ByHandAsync()
    {
        var mesh = Directory.CreateTempSubdirectory("mesh-");
        var started = new List<Process>();
        try
        {
            var watch = Stopwatch.StartNew();
            var ports = Enumerable.Range(0, Replicas).Select(_ => Programs.FreePort()).ToArray();
            started.AddRange(ports.Select(port => Programs.Start("PingService", "", Urls(port))));
            await Task.WhenAll(ports.Select(port => Programs.UntilHealthyAsync($"http://127.0.0.1:{port}/health")));

            await File.WriteAllTextAsync(Path.Combine(mesh.FullName, "mesh.yaml"), MeshYaml(ports));
            var door = Programs.FreePort();
            started.Add(Programs.Start("Gateway", "", Urls(door), "--mesh", mesh.FullName));
            await Programs.UntilHealthyAsync($"http://127.0.0.1:{door}/healthz");
            return watch.Elapsed.TotalMilliseconds;
        }
        finally
        {
            await Task.WhenAll(started.Select(Programs.StopAsync));
            mesh.Delete(recursive: true);
        }
    }

    private static async Task<(double Milliseconds, string Memory)> ByAppHostAsync()
    {
        var (door, nodePort) = (Programs.FreePort(), Programs.FreePort());
        var watch = Stopwatch.StartNew();
        var host = Programs.Start("AppHost", "Embedded", new Dictionary<string, string>(), "--port", Text(door), "--nodeport", Text(nodePort));
        try
        {
            // The gateway waits for ping, so its health is everyone's.
            await Programs.UntilHealthyAsync($"http://127.0.0.1:{door}/healthz");
            return (watch.Elapsed.TotalMilliseconds, ResidentMemory(host.Id));
        }
        finally
        {
            await Programs.StopAsync(host);
        }
    }

    private static string ResidentMemory(int root)
    {
        var parents = Process.GetProcesses()
            .Select(p => (p.Id, Parent: Parent(p.Id), Megabytes: p.WorkingSet64 / 1048576.0, p.ProcessName))
            .ToList();
        var tree = new HashSet<int> { root };
        while (parents.Any(p => tree.Contains(p.Parent) && tree.Add(p.Id)))
        {
        }

        var rows = parents.Where(p => tree.Contains(p.Id)).ToList();
        return string.Join(Environment.NewLine, rows.Select(p => FormattableString.Invariant($"  {p.Megabytes,6:F1} MB  {p.ProcessName} ({p.Id})"))
            .Append(FormattableString.Invariant($"  {rows.Sum(p => p.Megabytes),6:F1} MB  resident, the whole system")));
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

    private static Dictionary<string, string> Urls(int port) => new() { ["ASPNETCORE_URLS"] = $"http://localhost:{port}" };

    private static string MeshYaml(IEnumerable<int> ports) =>
        $$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: gateway, annotations: { nginx.ingress.kubernetes.io/rewrite-target: /$2 } }
        spec:
          ingressClassName: nginx
          rules: [{ http: { paths: [{ path: /api/v1(/|$)(.*), pathType: ImplementationSpecific, backend: { service: { name: ping, port: { name: http } } } }] } }]
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: ping }
        spec: { selector: { app: ping }, ports: [{ name: http, port: 8080, targetPort: 8080 }] }

        """ + string.Concat(ports.Select((port, i) =>
        $$"""
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: { name: ping-{{i}}, labels: { app: ping } }
        spec: { address: 127.0.0.1, ports: { http: {{port}} }, labels: { app: ping } }

        """));
}
