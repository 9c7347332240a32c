using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PingService.Tests;

public sealed class ShutdownTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_sigterm_readiness_turns_false_while_requests_are_answered_and_a_second_sigterm_stops_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using var ping = await PingProcess.StartAsync(("ServiceDefaults__Drain", "00:30:00"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ping, "/health"));

        ping.Signal(PingProcess.SigTerm);

        await TestWait.UntilAsync(async () => await StatusAsync(ping, "/health") == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(ping, "/alive"));
        using var response = await ping.Client.GetAsync("/ping", Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.ConnectionClose);
        Assert.False(ping.HasExited);

        ping.Signal(PingProcess.SigTerm);

        Assert.Equal(128 + PingProcess.SigTerm, await ping.WaitForExitAsync());
    }

    [Fact]
    public async Task After_the_drain_of_three_seconds_a_request_in_flight_finishes_and_the_exit_code_is_0()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        PingProcess.RequireHook();
        await using var ping = await PingProcess.StartAsync(("DOTNET_SHUTDOWNTIMEOUTSECONDS", "600"));
        using var slow = new TcpClient();
        await slow.ConnectAsync(ping.Address.Host, ping.Address.Port, Cancel);
        await SendAsync(slow, "POST /test/slow HTTP/1.1\r\nHost: ping\r\nContent-Length: 8\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue", await ReadLineAsync(slow)); // the application is reading: the request is in flight

        var since = Stopwatch.StartNew();
        ping.Signal(PingProcess.SigTerm);
        await TestWait.UntilAsync(() => IsRefusedAsync(ping.Address));

        Assert.True(since.Elapsed >= TimeSpan.FromSeconds(2.9), $"New connections were refused after {since.Elapsed}.");
        Assert.False(ping.HasExited);
        await SendAsync(slow, "finished");
        using var reader = new StreamReader(slow.GetStream());
        var answer = await reader.ReadToEndAsync(Cancel).WaitAsync(PingProcess.Bound, Cancel);
        Assert.Contains("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("finished", answer, StringComparison.Ordinal);
        Assert.Equal(0, await ping.WaitForExitAsync());
    }

    [Fact]
    public async Task Without_a_drain_it_stops_right_after_the_signal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using var ping = await PingProcess.StartAsync(("ServiceDefaults__Drain", "00:00:00"));

        ping.Signal(PingProcess.SigTerm);

        Assert.Equal(0, await ping.WaitForExitAsync());
        Assert.DoesNotContain("still answering", ping.Output, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(PingProcess ping, string path)
    {
        using var response = await ping.Client.GetAsync(path, Cancel);
        return response.StatusCode;
    }

    private static async Task<bool> IsRefusedAsync(Uri address)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port, Cancel);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static Task SendAsync(TcpClient client, string text) =>
        client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Cancel).AsTask();

    // Reads no further than the line and the empty line after it.
    private static async Task<string> ReadLineAsync(TcpClient client)
    {
        var read = new List<byte>();
        var one = new byte[1];
        while (!Encoding.ASCII.GetString([.. read]).EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await client.GetStream().ReadExactlyAsync(one, Cancel).AsTask().WaitAsync(PingProcess.Bound, Cancel);
            read.Add(one[0]);
        }

        return Encoding.ASCII.GetString([.. read]).TrimEnd();
    }
}
