using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Istio.Documents;

/// <summary>
/// A length of time as Istio's resources spell it, for example <c>5s</c>, <c>1.5s</c>, <c>100ms</c> or <c>1h30m</c>. It keeps its
/// spelling, also an invalid one, so that a document is written as it was read; two durations are equal when they are spelled the same.
/// Grammar: https://pkg.go.dev/time#ParseDuration, which Istio's JSON reader and the CRDs' rules use.
/// </summary>
/// <param name="Text">The spelling.</param>
[JsonConverter(typeof(DurationConverter))]
public readonly record struct Duration(string Text)
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    // "ms" stands before "m", its beginning.
    private static readonly (string Unit, decimal Nanoseconds)[] Units =
    [
        ("ns", 1m), ("us", 1_000m), ("\u00b5s", 1_000m), ("\u03bcs", 1_000m), ("ms", 1_000_000m), ("s", 1_000_000_000m),
        ("m", 60_000_000_000m), ("h", 3_600_000_000_000m),
    ];

    /// <summary>True when the spelling is a duration.</summary>
    public bool IsValid => TryParse(Text, out _);

    /// <summary>The length of time, to 100 ns; null when the spelling is invalid.</summary>
    public TimeSpan? Value => TryParse(Text, out var value) ? value : null;

    /// <summary>The length of time to the nanosecond; null when the spelling is invalid.</summary>
    internal long? Nanoseconds => TryReadNanoseconds(Text, out var value) ? value : null;

    /// <summary>
    /// The length of time in whole seconds when it has no fraction (<c>2s</c>), else in milliseconds, else in microseconds.
    /// </summary>
    public static Duration FromTimeSpan(TimeSpan value)
    {
        var ticks = value.Ticks;
        var (count, unit) = ticks % TimeSpan.TicksPerSecond == 0 ? (ticks / TimeSpan.TicksPerSecond, "s")
            : ticks % TimeSpan.TicksPerMillisecond == 0 ? (ticks / TimeSpan.TicksPerMillisecond, "ms")
            : ticks % TimeSpan.TicksPerMicrosecond == 0 ? (ticks / TimeSpan.TicksPerMicrosecond, "us")
            : (ticks * TimeSpan.NanosecondsPerTick, "ns");
        return new Duration(count.ToString(CultureInfo.InvariantCulture) + unit);
    }

    /// <summary>As <see cref="FromTimeSpan"/>.</summary>
    public static implicit operator Duration(TimeSpan value) => FromTimeSpan(value);

    /// <summary>Reads a spelling; false when it is no duration or longer than 64 bits of nanoseconds (292 years).</summary>
    public static bool TryParse(string? text, out TimeSpan value)
    {
        var isDuration = TryReadNanoseconds(text, out var nanoseconds);
        value = TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
        return isDuration;
    }

    private static bool TryReadNanoseconds(string? text, out long nanoseconds)
    {
        nanoseconds = 0;
        var rest = (text ?? "").AsSpan();
        var negative = rest.StartsWith("-", StringComparison.Ordinal);
        rest = rest[(rest.Length > 0 && rest[0] is '+' or '-' ? 1 : 0)..];
        if (rest is "0")
        {
            return true;
        }

        var total = 0m;
        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            if (!TryReadPart(ref rest, out var part) || (total += part) > long.MaxValue)
            {
                return false;
            }
        }

        nanoseconds = (long)total * (negative ? -1 : 1);
        return true;
    }

    /// <summary>The spelling.</summary>
    public override string ToString() => Text;

    private static bool TryReadPart(ref ReadOnlySpan<char> rest, out decimal nanoseconds)
    {
        nanoseconds = 0;
        var length = rest.IndexOfAnyExcept(NumberCharacters);
        if (length is <= 0 or > 28
            || !decimal.TryParse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        rest = rest[length..];
        foreach (var (unit, factor) in Units)
        {
            if (!rest.StartsWith(unit, StringComparison.Ordinal))
            {
                continue;
            }

            rest = rest[unit.Length..];
            if (number > long.MaxValue / factor)
            {
                return false;
            }

            nanoseconds = number * factor;
            return true;
        }

        return false;
    }
}

/// <summary>Reads and writes the spelling as a JSON string.</summary>
internal sealed class DurationConverter : JsonConverter<Duration>
{
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}
