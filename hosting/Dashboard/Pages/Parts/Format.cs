using System.Globalization;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Traces;

namespace Dashboard.Pages.Parts;

/// <summary>Numbers, times and sizes as people read them.</summary>
internal static class Format
{
    /// <summary>A length of time with its unit.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { Ticks: 0 } => "0",
        { TotalMicroseconds: < 1_000 } => Text(time.TotalMicroseconds, "µs"),
        { TotalMilliseconds: < 1_000 } => Text(time.TotalMilliseconds, "ms"),
        { TotalSeconds: < 60 } => Text(time.TotalSeconds, "s"),
        { TotalMinutes: < 60 } => $"{time.Minutes}m {time.Seconds}s",
        { TotalHours: < 24 } => $"{time.Hours}h {time.Minutes}m",
        _ => $"{time.Days}d {time.Hours}h",
    };

    /// <summary>A length of time in nanoseconds.</summary>
    public static string Duration(long nanoseconds) => Duration(UnixTime.ToTimeSpan(nanoseconds));

    /// <summary>The time of day of this machine, to the millisecond.</summary>
    public static string Time(long nanoseconds) =>
        UnixTime.ToDateTimeOffset(nanoseconds).ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>Date and time of this machine.</summary>
    public static string Time(DateTime? time) =>
        time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";

    /// <summary>What a span did; where its name is a method only, with the path.</summary>
    public static string Name(SpanEntry span) =>
        !span.Name.Contains('/', StringComparison.Ordinal) && span.Attributes["url.path"] is { } path ? $"{span.Name} {path}" : span.Name;

    /// <summary>A size.</summary>
    public static string Bytes(double bytes) => Math.Abs(bytes) switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:0.#} KB"),
        < 1024L * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024):0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024L * 1024 * 1024):0.##} GB"),
    };

    /// <summary>A number with three figures that matter.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##}M"),
        >= 1e4 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0.#}k"),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.##", CultureInfo.InvariantCulture),
        >= 0.001 => value.ToString("0.####", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##E0", CultureInfo.InvariantCulture),
    };

    /// <summary>A measurement in its unit (UCUM, as OpenTelemetry writes them).</summary>
    public static string Measured(double value, string unit) => unit switch
    {
        _ when !double.IsFinite(value) => "–",
        "s" => Duration(TimeSpan.FromSeconds(Math.Clamp(value, 0, 1e9))),
        "ms" => Duration(TimeSpan.FromMilliseconds(Math.Clamp(value, 0, 1e12))),
        "By" => Bytes(value),
        "" or "1" => Number(value),
        _ when unit.StartsWith('{') => Number(value),
        _ => $"{Number(value)} {unit}",
    };

    /// <summary>A share.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#}%");

    /// <summary>A coordinate of a drawing.</summary>
    public static string Coordinate(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A colour of the palette for a name: always the same one.</summary>
    public static string Color(string name)
    {
        var hash = 17u;
        foreach (var character in name)
        {
            hash = (hash * 31) + character;
        }

        return $"var(--hue-{(hash % 8) + 1})";
    }

    private static string Text(double value, string unit) => value >= 100
        ? string.Create(CultureInfo.InvariantCulture, $"{value:0} {unit}")
        : string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {unit}");
}
