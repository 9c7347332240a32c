using System.Globalization;
using Tests.Shared;

namespace PingService.Tests;

public sealed class ConfigurationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Port_8080_is_the_default_which_any_configuration_overrides()
    {
        // Kestrel's own configuration goes before all else and names the addresses that it overrides, so that the port need not be free.
        await using var ping = await PingProcess.StartAsync(
            ("ASPNETCORE_URLS", null), ("Kestrel__Endpoints__Http__Url", "http://127.0.0.1:0"));

        Assert.NotEqual(8080, ping.Address.Port);
        Assert.Contains("Overriding address(es) 'http://*:8080'", ping.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_ports_as_the_container_images_set_them_are_listened_on()
    {
        var port = FreePort.Next();
        await using var ping = await PingProcess.StartAsync(
            ("ASPNETCORE_URLS", null), ("ASPNETCORE_HTTP_PORTS", port.ToString(CultureInfo.InvariantCulture)));

        Assert.Equal(port, ping.Address.Port);
        Assert.Equal("Healthy", await ping.Client.GetStringAsync("/health", Cancel));
    }

    [Fact]
    public async Task Urls_go_before_http_ports()
    {
        var port = FreePort.Next();
        await using var ping = await PingProcess.StartAsync(
            ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"), ("ASPNETCORE_HTTP_PORTS", "8080"));

        Assert.Equal(port, ping.Address.Port);
    }

    [Theory]
    [InlineData("Europe/Berlin", "CE")]
    [InlineData("CET-1CEST,M3.5.0,M10.5.0/3", "CE")]
    [InlineData("<+0330>-3:30", "+0330 ")] // and JSON does not escape the plus sign
    public async Task The_date_is_in_the_zone_of_TZ(string zone, string abbreviation)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no C library to ask for the zone.");
        await using var ping = await PingProcess.StartAsync(("TZ", zone));

        var reply = await ping.Client.GetStringAsync("/ping", Cancel);

        Assert.Equal(abbreviation, reply.Substring("""{"message":"Fri Oct 20 01:42:22 """.Length, abbreviation.Length));
    }
}
