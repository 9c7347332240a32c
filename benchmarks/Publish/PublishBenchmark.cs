using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Benchmarks.Publish;

/// <summary>
/// How long the built AppHost takes to publish when nothing has changed: the whole program, the generation in it (from the model, which
/// is built and validated by then, to the output folder), as it says itself.
/// </summary>
internal static partial class PublishBenchmark
{
    public static async Task<int> RunAsync(int rounds)
    {
        var output = Directory.CreateTempSubdirectory("publish-");
        try
        {
            List<double> program = [], generation = [];
            for (var round = 0; round <= rounds; round++)
            {
                var (whole, inside) = await PublishAsync(output.FullName);
                Console.WriteLine(FormattableString.Invariant(
                    $"round {round}: program {whole:F0} ms, generation {inside:F0} ms"));
                if (round > 0) // The first round writes the files and warms the file cache.
                {
                    program.Add(whole);
                    generation.Add(inside);
                }
            }

            Console.WriteLine(FormattableString.Invariant(
                $"median: program {Median(program):F0} ms, generation {Median(generation):F0} ms"));
            return 0;
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    private static async Task<(double Program, double Generation)> PublishAsync(string output)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(Programs.Describe("AppHost", "Embedded", "publish", $"--AspirateOutput={output}"))
            ?? throw new InvalidOperationException("The AppHost did not start.");
        var errors = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var milliseconds = watch.Elapsed.TotalMilliseconds;
        return process.ExitCode == 0 && Generation().Match(said) is { Success: true } generation
            ? (milliseconds, double.Parse(generation.Groups[1].Value, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"publish ended with exit code {process.ExitCode}: {said}{await errors}");
    }

    [GeneratedRegex(@"files changed in .* after (\d+) ms")]
    private static partial Regex Generation();

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
