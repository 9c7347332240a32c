using System.Text;

namespace Gateway.Admin;

/// <summary>Statistics as <c>name: value</c>, one a line, as Envoy's <c>/stats</c> has them: what Prometheus gets, without the types.</summary>
internal static class StatsReport
{
    private const string ClusterPrefix = "envoy_cluster_";
    private const string ClusterLabel = "cluster_name=\"";

    /// <summary>Makes the text.</summary>
    /// <param name="prometheus">The statistics in Prometheus' format.</param>
    public static string Text(byte[] prometheus)
    {
        var text = new StringBuilder();
        foreach (var line in Encoding.UTF8.GetString(prometheus).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var end = line.LastIndexOf("} ", StringComparison.Ordinal);
            if (line[0] != '#' && end > 0)
            {
                text.Append(Name(line[..(end + 1)])).Append(": ").Append(line.AsSpan(end + 2)).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary><c>cluster.outbound|8080||ping.default.svc.cluster.local.upstream_rq_total</c>; other names keep their labels.</summary>
    private static string Name(string sample)
    {
        var start = sample.IndexOf(ClusterLabel, StringComparison.Ordinal);
        if (!sample.StartsWith(ClusterPrefix, StringComparison.Ordinal) || start < 0)
        {
            return sample;
        }

        var name = sample[ClusterPrefix.Length..sample.IndexOf('{', StringComparison.Ordinal)];
        var value = start + ClusterLabel.Length;
        var cluster = sample[value..sample.IndexOf('"', value)];
        var code = Label(sample, "response_code=\"") ?? Label(sample, "response_code_class=\"");
        return $"cluster.{cluster}.{name}{(code is null ? "" : $"_{code}")}";
    }

    private static string? Label(string sample, string label)
    {
        var start = sample.IndexOf(label, StringComparison.Ordinal);
        return start < 0 ? null : sample[(start + label.Length)..sample.IndexOf('"', start + label.Length)];
    }
}
