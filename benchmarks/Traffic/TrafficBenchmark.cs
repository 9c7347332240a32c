using System.Globalization;

namespace Benchmarks.Traffic;

/// <summary>
/// What a request costs: the gateway's doors with the seed's rewrite over three replicas, nginx with the same, YARP as its first page shows
/// it, the Istio door with each feature switched on, and one route against a thousand. All run at once and are asked in turns, so that
/// whatever else the machine does meets them all. The measure is the proxy's own CPU time for a request.
/// </summary>
internal static class TrafficBenchmark
{
    private const string Baseline = "nginx";
    private static readonly string[] Headers = ["x-user: 42"];

    public static async Task<int> RunAsync(int rounds, int seconds, string? only = null)
    {
        if (Tool.FindMissing("nginx", "wrk") is { } missing)
        {
            Console.Error.WriteLine($"The benchmark needs {missing}: apt-get install {missing}");
            return 1;
        }

        int[] replicas = [Programs.FreePort(), Programs.FreePort(), Programs.FreePort()];
        using var upstream = Nginx.Replicas(replicas);
        var contestants = new List<Contestant>();
        try
        {
            foreach (var start in Contestants(replicas).Where(start => IsAsked(start.Name, only)))
            {
                contestants.Add(start.Start());
                await Programs.UntilHealthyAsync(contestants[^1].Url);
            }

            var table = contestants.Select(contestant => (Contestant: contestant, Rounds: new List<Measurement>())).ToList();
            foreach (var (contestant, _) in table)
            {
                // Until the just-in-time compiler has nothing left to do.
                Load.Run(contestant.Url, seconds * 2, Headers);
            }

            for (var round = 0; round < rounds; round++)
            {
                table.ForEach(row => row.Rounds.Add(Measure(row.Contestant, seconds)));
            }

            Print(table);
            return table.Any(row => row.Rounds.Any(measured => measured.Load.Failed > 0)) ? 1 : 0;
        }
        finally
        {
            await Task.WhenAll(contestants.Select(contestant => contestant.Stop()));
        }
    }

    private static bool IsAsked(string name, string? only) =>
        only is null || name == Baseline || name.Contains(only, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<(string Name, Func<Contestant> Start)> Contestants(int[] replicas)
    {
        yield return (Baseline, () => Contestant.Nginx(Baseline, replicas));
        yield return ("nginx, 1000 routes", () => Contestant.Nginx("nginx, 1000 routes", replicas, routes: 1000));
        yield return ("naive YARP", () => Contestant.NaiveYarp(replicas));
        yield return Ingress("Ingress door", 1);
        yield return Ingress("Ingress door, 1000 routes", 1000);
        yield return Istio("Istio door", MeshDocuments.Istio(replicas, 1));
        yield return Istio("Istio door, 1000 routes", MeshDocuments.Istio(replicas, 1000));
        foreach (var (name, http, policy, other) in MeshDocuments.Features)
        {
            yield return Istio($"Istio door, {name}", MeshDocuments.Istio(replicas, 1, http, policy, other));
        }

        (string, Func<Contestant>) Ingress(string name, int routes) => (name, () => Contestant.IngressDoor(name, replicas, routes));

        static (string, Func<Contestant>) Istio(string name, string documents) => (name, () => Contestant.IstioDoor(name, documents));
    }

    private static Measurement Measure(Contestant contestant, int seconds)
    {
        var before = ProcessUsage.CpuSeconds(contestant.ProcessId);
        var load = Load.Run(contestant.Url, seconds, Headers);
        var cpu = ProcessUsage.CpuSeconds(contestant.ProcessId) - before;
        return new(load, cpu * 1e6 / load.Requests, ProcessUsage.ResidentMegabytes(contestant.ProcessId));
    }

    private static void Print(List<(Contestant Contestant, List<Measurement> Rounds)> table)
    {
        var baseline = Median(table[0].Rounds, measured => measured.CpuMicroseconds);
        Console.WriteLine("| | CPU a request | against nginx | requests/s | p50 | p99 | memory | failed |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var (contestant, rounds) in table)
        {
            var cpu = Median(rounds, measured => measured.CpuMicroseconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {contestant.Name} | {cpu:F1} µs | {cpu / baseline:F2} | {Median(rounds, r => r.Load.RequestsPerSecond):F0} " +
                $"| {Median(rounds, r => r.Load.P50):F2} ms | {Median(rounds, r => r.Load.P99):F2} ms " +
                $"| {rounds.Max(r => r.Megabytes):F0} MB | {rounds.Sum(r => r.Load.Failed)} |"));
        }
    }

    private static double Median(List<Measurement> rounds, Func<Measurement, double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);

    /// <summary>One contestant in one round.</summary>
    private sealed record Measurement(LoadResult Load, double CpuMicroseconds, double Megabytes);
}
