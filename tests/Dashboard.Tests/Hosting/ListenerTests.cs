using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Reflection;
using Dashboard.Hosting;
using Dashboard.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace Dashboard.Tests.Hosting;

/// <summary>Whoever reaches the pages can stop processes and read what they log: that is this machine alone.</summary>
public sealed class ListenerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task From_another_address_of_the_machine_no_port_is_reached(string host)
    {
        var address = Outside();
        Assert.SkipWhen(address is null, "This machine has no address but those of loopback.");
        var anywhere = new Uri($"http://{host}:0");
        await using var dashboard = await TestDashboard.StartAsync(
            TestDashboard.Options with { FrontendUrl = anywhere, OtlpGrpcUrl = anywhere, OtlpHttpUrl = anywhere });
        foreach (var url in new[] { dashboard.Frontend, dashboard.OtlpGrpc, dashboard.OtlpHttp })
        {
            using var inside = new TcpClient();
            await inside.ConnectAsync(IPAddress.Loopback, url.Port, Cancellation);
            using var outside = new TcpClient();
            var refused = await Assert.ThrowsAnyAsync<SocketException>(() => outside.ConnectAsync(address!, url.Port, Cancellation).AsTask());
            Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        }
    }

    [Fact]
    public void Nothing_is_open_to_others_by_default()
    {
        var options = DashboardOptions.Read(new ConfigurationBuilder().Build());
        Assert.All([options.FrontendUrl, options.OtlpGrpcUrl, options.OtlpHttpUrl], url => Assert.Equal("localhost", url.Host));
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://0.0.0.0:0")]
    [InlineData("ASPNETCORE_URLS", "http://*:0")]
    [InlineData("ASPNETCORE_URLS", "http://[::]:0")]
    [InlineData("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://192.0.2.1:0")]
    [InlineData("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "http://example.com:0")]
    public void Who_asks_for_more_is_told_that_it_is_not_done(string setting, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(setting, value)]).Build();
        var refused = Assert.Throws<FormatException>(() => DashboardOptions.Read(configuration));
        Assert.StartsWith($"{setting}={value}: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_does_not_start_with_an_address_that_others_reach()
    {
        var program = typeof(ListenerTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(each => each.Key == "dashboardpath").Value!;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(program);
        start.Environment["ASPNETCORE_URLS"] = "http://0.0.0.0:0";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(1, process.ExitCode);
        Assert.Equal(
            "The dashboard cannot start: ASPNETCORE_URLS=http://0.0.0.0:0: the dashboard serves this machine only; use localhost.",
            (await error).Trim());
        Assert.Empty(await output);
    }

    // An address by which other machines would reach this one.
    private static IPAddress? Outside() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
}
