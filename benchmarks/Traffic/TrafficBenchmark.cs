using System.Globalization;

namespace Benchmarks.Traffic;

/// <summary>
/// What a request costs: the gateway's doors with the seed's rewrite over three replicas, nginx with the same, a program that only passes
/// bytes on, YARP as its first page shows it, one route against a thousand, and the Istio door with each feature switched on. The proxies
/// of a group run at once and are asked in turns, so that whatever else the machine does meets them all; each group has an nginx of its
/// own. The measure is the proxy's own CPU time for a request.
/// </summary>
internal static class TrafficBenchmark
{
    private const string Baseline = "nginx";
    private const int FeaturesInGroup = 4;
    private const int Routes = 1000;

    /// <summary>Requests before anything is measured: after so many the just-in-time compiler has little left to do.</summary>
    private const int WarmUp = 60_000;

    public static async Task<int> RunAsync(int rounds, int seconds, string? only = null)
    {
        if (Tool.FindMissing("nginx", "wrk") is { } missing)
        {
            Console.Error.WriteLine($"The benchmark needs {missing}: apt-get install {missing}");
            return 1;
        }

        int[] replicas = [Programs.FreePort(), Programs.FreePort(), Programs.FreePort()];
        using var upstream = Nginx.Replicas(replicas);
        var failed = 0L;
        try
        {
            Console.WriteLine("| | CPU a request | against nginx | requests/s | p50 | p99 | memory | failed |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|");
            foreach (var group in Groups(replicas).Select(group => group.Where(row => IsAsked(row.Name, only)).ToList()).Where(group => group.Count > 0))
            {
                failed += await RunAsync([(Baseline, () => Contestant.Nginx(Baseline, replicas)), .. group], rounds, seconds);
            }

            return failed == 0 ? 0 : 1;
        }
        catch (InvalidOperationException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    private static bool IsAsked(string name, string? only) => only is null || name.Contains(only, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<IEnumerable<(string Name, Func<Contestant> Start)>> Groups(int[] replicas)
    {
        const string ingress = "Ingress door", istio = "Istio door";
        var many = $"{Routes} routes";
        yield return
        [
            ("bytes only", () => Contestant.ByteRelay(replicas)),
            ("naive YARP", () => Contestant.NaiveYarp(replicas)),
            (ingress, () => Contestant.IngressDoor(ingress, replicas)),
            (istio, () => Contestant.IstioDoor(istio, replicas)),
        ];
        yield return
        [
            ($"nginx, {many}", () => Contestant.Nginx($"nginx, {many}", replicas, Routes)),
            ($"{ingress}, 1 route", () => Contestant.IngressDoor($"{ingress}, 1 route", replicas)),
            ($"{ingress}, {many}", () => Contestant.IngressDoor($"{ingress}, {many}", replicas, Routes)),
            ($"{istio}, 1 route", () => Contestant.IstioDoor($"{istio}, 1 route", replicas)),
            ($"{istio}, {many}", () => Contestant.IstioDoor($"{istio}, {many}", replicas, Routes)),
        ];
        yield return
        [
            ($"{ingress}, not plain", () => Contestant.IngressDoor($"{ingress}, not plain", replicas).NotPlain()),
            ($"{istio}, not plain", () => Contestant.IstioDoor($"{istio}, not plain", replicas).NotPlain()),
        ];
        foreach (var features in MeshDocuments.Features.Chunk(FeaturesInGroup))
        {
            yield return features.Select(feature =>
                ($"{istio}, {feature.Name}", (Func<Contestant>)(() => Contestant.IstioDoor(replicas, feature))));
        }
    }

    /// <summary>Runs one group and prints its rows; gives how many requests failed.</summary>
    private static async Task<long> RunAsync(IReadOnlyList<(string Name, Func<Contestant> Start)> group, int rounds, int seconds)
    {
        var table = new List<(Contestant Contestant, List<Measurement> Rounds)>();
        try
        {
            foreach (var (_, start) in group)
            {
                var contestant = start();
                table.Add((contestant, []));
                await contestant.UntilHealthyAsync();
            }

            foreach (var (contestant, _) in table)
            {
                for (var answered = 0L; answered < WarmUp;)
                {
                    answered += Load.Run(contestant.Url, seconds, contestant.Headers).Requests;
                }
            }

            for (var round = 0; round < rounds; round++)
            {
                table.ForEach(row => row.Rounds.Add(Measure(row.Contestant, seconds)));
            }

            table.ForEach(row => Print(row.Contestant.Name, row.Rounds, table[0].Rounds));
            return table.Sum(row => row.Rounds.Sum(measured => measured.Load.Failed));
        }
        finally
        {
            await Task.WhenAll(table.Select(row => row.Contestant.Stop()));
        }
    }

    private static Measurement Measure(Contestant contestant, int seconds)
    {
        var before = ProcessUsage.CpuSeconds(contestant.Process.Id);
        var load = Load.Run(contestant.Url, seconds, contestant.Headers);
        var cpu = ProcessUsage.CpuSeconds(contestant.Process.Id) - before;
        return new(load, cpu * 1e6 / load.Requests, ProcessUsage.ResidentMegabytes(contestant.Process.Id));
    }

    /// <summary>A row: medians over the rounds. What nginx needs is compared round by round.</summary>
    private static void Print(string name, List<Measurement> rounds, List<Measurement> baseline)
    {
        var ratio = Median(rounds.Zip(baseline, (measured, nginx) => measured.CpuMicroseconds / nginx.CpuMicroseconds));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {Median(rounds.Select(r => r.CpuMicroseconds)):F1} µs | {ratio:F2} | {Median(rounds.Select(r => r.Load.RequestsPerSecond)):F0} " +
            $"| {Median(rounds.Select(r => r.Load.P50)):F2} ms | {Median(rounds.Select(r => r.Load.P99)):F2} ms " +
            $"| {rounds.Max(r => r.Megabytes):F0} MB | {rounds.Sum(r => r.Load.Failed)} |"));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    /// <summary>One contestant in one round.</summary>
    private sealed record Measurement(LoadResult Load, double CpuMicroseconds, double Megabytes);
}
