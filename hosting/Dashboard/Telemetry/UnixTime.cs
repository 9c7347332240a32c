namespace Dashboard.Telemetry;

/// <summary>OTLP's clock: nanoseconds since 1970, kept as they are so that spans of a microsecond are told apart.</summary>
internal static class UnixTime
{
    private const long NanosecondsPerTick = 100;

    /// <summary>A moment of OTLP; what lies beyond the calendar's end becomes that end.</summary>
    public static long FromMessage(ulong nanoseconds) => nanoseconds > long.MaxValue ? long.MaxValue : (long)nanoseconds;

    /// <summary>A moment of the clock.</summary>
    public static long From(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * NanosecondsPerTick;

    /// <summary>The moment on the calendar, to a tenth of a microsecond.</summary>
    public static DateTimeOffset ToDateTimeOffset(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);

    /// <summary>A length of time.</summary>
    public static TimeSpan ToTimeSpan(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / NanosecondsPerTick);

    /// <summary>A length of time.</summary>
    public static long From(TimeSpan time) => time.Ticks * NanosecondsPerTick;
}
