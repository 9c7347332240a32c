using System.Globalization;

namespace Gateway.Proxy;

/// <summary>The <c>grpc-timeout</c> header: up to eight digits and a unit.</summary>
/// <remarks>https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md; envoyproxy/envoy source/common/grpc/common.cc.</remarks>
internal static class GrpcTimeout
{
    /// <summary>The header's name.</summary>
    public const string Name = "grpc-timeout";

    private const int MaxDigits = 8;

    /// <summary>Reads a time in whole milliseconds, rounded up; null for none.</summary>
    public static TimeSpan? Parse(string? text)
    {
        if (text is null or { Length: < 2 or > MaxDigits + 1 }
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return null;
        }

        double? milliseconds = text[^1] switch
        {
            'H' => value * 3_600_000.0,
            'M' => value * 60_000.0,
            'S' => value * 1000.0,
            'm' => value,
            'u' => Math.Ceiling(value / 1000.0),
            'n' => Math.Ceiling(value / 1_000_000.0),
            _ => null,
        };
        return milliseconds is { } time ? TimeSpan.FromMilliseconds(time) : null;
    }

    /// <summary>Writes a time in the finest unit that its digits allow.</summary>
    public static string Format(long milliseconds)
    {
        var (value, unit) = (milliseconds, 'm');
        if (value >= 100_000_000)
        {
            (value, unit) = (value / 1000, 'S');
        }

        if (value >= 100_000_000)
        {
            (value, unit) = (Math.Min(value / 60, 99_999_999), 'M');
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
    }
}
