using System.Diagnostics;
using System.Globalization;
using Conformance.Cases;

namespace Conformance;

/// <summary>Holds the gateway's metrics against what the table says.</summary>
/// <param name="expected">Names with some of their labels, and the sum of all samples that have these.</param>
/// <param name="read">Gives the metrics in Prometheus' text format.</param>
/// <param name="patience">
/// How long, in real time, a request may be over for its client sooner than for the gateway, which counts it then.
/// </param>
internal sealed class MetricsCheck(Dictionary<string, string> expected, Func<string[]> read, TimeSpan patience)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Checks, once the last request has been counted.</summary>
    /// <exception cref="CaseFailedException">A metric is otherwise.</exception>
    public async Task RunAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (Wrong() is { } wrong)
        {
            if (Stopwatch.GetElapsedTime(started) > patience)
            {
                throw new CaseFailedException(wrong);
            }

            await Task.Delay(Interval);
        }
    }

    private string? Wrong()
    {
        if (expected.Count == 0)
        {
            return null;
        }

        var samples = read();
        foreach (var (metric, count) in expected)
        {
            var sum = samples.Where(sample => Fits(metric, sample)).Sum(ValueOf);
            if (!Match.Count(count, sum))
            {
                return $"{metric}: expected {count}, got {sum.ToString(CultureInfo.InvariantCulture)}";
            }
        }

        return null;
    }

    /// <summary>Whether a sample has the name and the labels. No value of a label that is asked for has a comma or a brace.</summary>
    private static bool Fits(string metric, string sample)
    {
        var name = metric.Split('{');
        var labels = name.Length > 1 ? name[1].TrimEnd('}').Split(',') : [];
        return sample.StartsWith(name[0] + "{", StringComparison.Ordinal)
            && labels.All(label => sample.Contains($"{{{label}", StringComparison.Ordinal) || sample.Contains($",{label}", StringComparison.Ordinal));
    }

    private static int ValueOf(string sample) => int.Parse(sample.AsSpan(sample.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
}
