using System.Buffers;
using Gateway.Requests;

namespace Gateway.Metrics;

/// <summary>Prometheus' text format: the exposition that Envoy gives at <c>/stats/prometheus</c>.</summary>
/// <remarks>https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format</remarks>
internal static class PrometheusText
{
    /// <summary>The content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Begins a metric.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="name">The metric's name.</param>
    /// <param name="type">counter, gauge or histogram.</param>
    public static void WriteType(IBufferWriter<byte> output, string name, string type)
    {
        output.Write("# TYPE "u8);
        output.Append(name);
        output.Write(" "u8);
        output.Append(type);
        output.Write("\n"u8);
    }

    /// <summary>Writes a sample with a whole number.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="name">The name, with its suffix if the metric is a histogram.</param>
    /// <param name="labels">The labels as <see cref="Labels"/> gives them; empty for none.</param>
    /// <param name="value">The value.</param>
    public static void WriteSample(IBufferWriter<byte> output, string name, string labels, long value)
    {
        WriteName(output, name, labels);
        output.Append(value);
        output.Write("\n"u8);
    }

    /// <summary>Writes a sample with a number that may have a fraction.</summary>
    public static void WriteSample(IBufferWriter<byte> output, string name, string labels, double value)
    {
        WriteName(output, name, labels);
        output.Append(value);
        output.Write("\n"u8);
    }

    /// <summary>Labels in their written form, without the braces.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var parts = new string[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            parts[i] = $"{labels[i].Name}=\"{Escape(labels[i].Value)}\"";
        }

        return string.Join(',', parts);
    }

    private static string Escape(string value) => value
        .Replace(@"\", @"\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", @"\n", StringComparison.Ordinal);

    private static void WriteName(IBufferWriter<byte> output, string name, string labels)
    {
        output.Append(name);
        output.Write("{"u8);
        output.Append(labels);
        output.Write("} "u8);
    }
}
