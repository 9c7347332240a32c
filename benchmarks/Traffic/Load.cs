using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Benchmarks.Traffic;

/// <summary>What one run of the load saw.</summary>
/// <param name="Requests">Answered requests.</param>
/// <param name="Failed">Answers other than 2xx and 3xx, and broken connections.</param>
/// <param name="RequestsPerSecond">Throughput.</param>
/// <param name="P50">Median latency in milliseconds.</param>
/// <param name="P99">99th percentile of the latency in milliseconds.</param>
internal sealed record LoadResult(long Requests, long Failed, double RequestsPerSecond, double P50, double P99);

/// <summary>wrk as the client: keep-alive connections, each asking again as soon as it is answered.</summary>
internal static partial class Load
{
    private const int Connections = 32;

    public static LoadResult Run(string url, int seconds, IEnumerable<string> headers)
    {
        string[] options = ["--threads", "1", "--connections", $"{Connections}", "--duration", $"{seconds}s", "--latency"];
        var output = Tool.Run("wrk", [.. options, .. headers.SelectMany(header => new[] { "--header", header }), url]);
        return new LoadResult(
            long.Parse(Requests().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            Failures().Matches(output).Sum(match => match.Groups.Values.Skip(1)
                .Where(group => group.Success).Sum(group => long.Parse(group.Value, CultureInfo.InvariantCulture))),
            double.Parse(Throughput().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            Milliseconds(Percentile50().Match(output)),
            Milliseconds(Percentile99().Match(output)));
    }

    private static double Milliseconds(Match match) =>
        double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)|Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex Failures();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Throughput();

    [GeneratedRegex(@"50%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex Percentile50();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex Percentile99();
}

/// <summary>Programs of the system that a benchmark needs.</summary>
internal static class Tool
{
    public static string Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}");
    }

    /// <summary>The first of the programs that PATH does not have.</summary>
    public static string? FindMissing(params string[] programs) => programs.FirstOrDefault(program =>
        !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program))));
}
