using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using PingService.Ping;

namespace PingService.Tests;

public sealed class UnixDateTests
{
    // Winter and summer, around changes of the clock and of the law, before 1970 and after 2038, days of one and of two digits.
    private static readonly long[] Instants =
    [
        .. new[]
        {
            "1969-07-20T20:17:40Z", "1985-01-01T00:00:00Z", "1995-06-05T12:00:00Z", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z",
            "2014-10-25T22:00:00Z", "2023-03-26T00:59:59Z", "2023-03-26T01:00:00Z", "2023-10-06T01:42:22Z", "2023-10-29T01:00:00Z",
            "2023-11-05T05:59:59Z", "2023-11-05T06:00:00Z", "2024-02-29T23:59:59Z", "2026-01-15T12:00:00Z", "2026-07-01T12:00:00Z",
            "2038-01-19T03:14:08Z", "2050-07-31T23:00:00Z",
        }.Select(instant => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture).ToUnixTimeSeconds()),
    ];

    [Theory]
    [InlineData("UTC")]
    [InlineData("")]
    [InlineData("GMT")]
    [InlineData("Asia/Shanghai")] // CST, once with summer time
    [InlineData("America/New_York")]
    [InlineData("Europe/Berlin")]
    [InlineData("Europe/Dublin")] // winter is the exception there
    [InlineData("Europe/Moscow")] // changed its offset, not its name
    [InlineData("Pacific/Apia")] // left out a day
    [InlineData("Asia/Kolkata")]
    [InlineData("Asia/Kathmandu")] // +0545
    [InlineData("Australia/Lord_Howe")] // half an hour of summer time
    [InlineData("America/Sao_Paulo")] // -03
    [InlineData("Africa/Casablanca")] // +01 and +00
    [InlineData(":Asia/Tokyo")]
    [InlineData("CET-1CEST,M3.5.0,M10.5.0/3")]
    [InlineData("EST5EDT,M3.2.0,M11.1.0")]
    [InlineData("<+0330>-3:30")]
    [InlineData("LMT-1:23:45")]
    [InlineData("Nowhere/City")]
    [InlineData("x")]
    public async Task It_prints_what_the_date_command_prints(string zone)
    {
        PingProcess.RequireHook();
        var expected = await RunDateAsync(zone);

        var ping = PingProcess.Describe(("TZ", zone), (StartupHook.Instants, string.Join(' ', Instants)));
        Assert.Equal(expected, await RunAsync(ping));
    }

    [Fact]
    public async Task Without_TZ_it_prints_UTC()
    {
        PingProcess.RequireHook();
        Assert.Equal(["Thu Jan  1 00:00:00 UTC 1970"], await RunAsync(PingProcess.Describe(("TZ", null), (StartupHook.Instants, "0"))));
    }

    private static async Task<string[]> RunDateAsync(string zone)
    {
        var instants = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(instants, Instants.Select(instant => $"@{instant}"), TestContext.Current.CancellationToken);
            return await RunAsync(new ProcessStartInfo("date")
            {
                ArgumentList = { $"--file={instants}" },
                Environment = { ["TZ"] = zone, ["LC_ALL"] = "C" },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
        }
        catch (Exception missing) when (missing is Win32Exception or InvalidOperationException)
        {
            Assert.Skip($"This system has no date command like GNU's. {missing.Message}");
            throw;
        }
        finally
        {
            File.Delete(instants);
        }
    }

    private static async Task<string[]> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var lines = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0
            ? lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new InvalidOperationException($"{start.FileName} failed: {await error}");
    }
}
