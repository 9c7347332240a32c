using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AppHost.Tests.Embedded;

public class TerminalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_port_in_use_is_one_sentence_that_names_the_port_and_what_to_do()
    {
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var host = AppHostProcess.Start(port);

        await host.Process.WaitForExitAsync(Cancellation);

        Assert.Equal(1, host.Process.ExitCode);
        var error = Assert.Single(host.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(port.ToString(CultureInfo.InvariantCulture), error, StringComparison.Ordinal);
        Assert.Contains("gateway", error, StringComparison.Ordinal);
        Assert.Contains("--port", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dashboard_comes_up_at_the_address_that_the_output_names()
    {
        await using var host = AppHostProcess.Start();
        await host.UntilHealthyAsync(Cancellation);
        Uri? login = null;
        await Eventually.TrueAsync(
            () => Uri.TryCreate(host.Output.Split(' ', '\n').FirstOrDefault(word => word.Contains("/login?t=", StringComparison.Ordinal)), UriKind.Absolute, out login),
            "the terminal shows the dashboard's address",
            Cancellation);

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    using var response = await client.GetAsync(new Uri(login!, "/health"), Cancellation);
                    return response.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the dashboard answers",
            Cancellation);
        Assert.Equal("", host.Errors);
    }

    [Fact]
    public async Task The_output_of_a_run_names_every_replica_and_the_doors()
    {
        await using var host = AppHostProcess.Start();
        await host.UntilHealthyAsync(Cancellation);

        await Eventually.TrueAsync(
            () => host.Output.Contains(host.Door.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                && host.Output.Split('\n').SelectMany(line => line.Split(' ')).Where(word => word.StartsWith("ping-", StringComparison.Ordinal)).Distinct().Count() == 3,
            "the terminal shows three replicas and the door's address",
            Cancellation);
        Assert.Equal("", host.Errors);
    }
}
