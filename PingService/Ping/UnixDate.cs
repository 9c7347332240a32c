using System.Globalization;
using System.Runtime.InteropServices;

namespace PingService.Ping;

/// <summary>
/// Prints an instant as the <c>date</c> command does in the C locale, <c>Fri Oct  6 01:42:22 UTC 2023</c>: in UTC, or in the zone that the
/// environment variable <c>TZ</c> names, in any form that the system's C library understands (there is none on Windows: UTC).
/// </summary>
/// <remarks>.NET knows offsets but not the abbreviations of zones; the C library, which <c>date</c> asks too, knows both.</remarks>
internal static class UnixDate
{
    /// <summary>Formats an instant.</summary>
    /// <param name="unixSeconds">Seconds since 1970-01-01 00:00:00 UTC.</param>
    public static string Format(long unixSeconds)
    {
        var (offset, zone) = GetZone(unixSeconds);
        var local = DateTime.UnixEpoch.AddSeconds(unixSeconds + offset);
        return string.Create(CultureInfo.InvariantCulture, $"{local:ddd MMM} {local.Day,2} {local:HH:mm:ss} {zone} {local:yyyy}");
    }

    private static (long Offset, string Name) GetZone(long unixSeconds)
    {
        if (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("TZ") is null)
        {
            return (0, "UTC");
        }

        _ = localtime_r(unixSeconds, out var local);
        return (local.GmtOffset, Marshal.PtrToStringUTF8(local.Zone) ?? "");
    }

    /// <summary>Converts to local time; unlike localtime it may be called by several threads (POSIX.1-2024).</summary>
    [DllImport("libc", ExactSpelling = true)]
    private static extern nint localtime_r(in long time, out Tm result);

    /// <summary>The C library's <c>struct tm</c>, with the two members that glibc, musl and macOS have beyond POSIX.1-2017.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Tm
    {
        private readonly int _second, _minute, _hour, _day, _month, _year, _weekDay, _yearDay, _isDaylightSaving;
        public readonly nint GmtOffset;
        public readonly nint Zone;
    }
}
