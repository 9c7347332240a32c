using System.Net.Sockets;
using System.Text;
using Gateway.Ingress;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Forwarding;

/// <summary>How long the gateway waits for endpoints, in virtual time.</summary>
public sealed class DeadlineTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();

    private Task<TestGateway> StartAsync(params int[] ports) => TestGateway.StartAsync(
        Documents.Seed(ports), builder => builder.Services.AddSingleton<TimeProvider>(_time));

    [Fact]
    public async Task An_endpoint_that_does_not_answer_in_60_seconds_is_504()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var silent = RawUpstream.Start((_, connection) =>
        {
            arrived.TrySetResult();
            return Task.Delay(Timeout.Infinite, connection.Stop);
        });
        await using var gateway = await StartAsync(silent.Port);
        using var client = gateway.Connect();

        // A POST that was sent is not repeated, so time passes on no new connection.
        var answer = client.SendAsync("POST /api/v1/ping HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        await arrived.Task;
        var before = _time.GetUtcNow();
        Assert.Equal(504, (await _time.PassUntilAsync(answer, Step)).Status);
        Assert.True(_time.GetUtcNow() - before >= NginxConnections.Options.Activity);
    }

    [Fact]
    public async Task A_silent_endpoint_gives_way_to_the_next_and_three_silent_ones_are_504()
    {
        await using var silent = RawUpstream.Start((_, connection) => Task.Delay(Timeout.Infinite, connection.Stop));
        await using var alive = RawUpstream.Echo("a");
        await using (var gateway = await StartAsync(silent.Port, alive.Port))
        {
            using var client = gateway.Connect();
            var answer = client.GetAsync("/api/v1/ping");
            await TestGateway.UntilAsync(() => answer.IsCompleted || !silent.Requests.IsEmpty);

            // No more than the silent one has, and a step: none passes while the other one is called.
            Assert.Equal(200, (await _time.PassUntilAsync(answer, Step, NginxConnections.Options.Activity + (2 * Step))).Status);
        }

        await using (var gateway = await StartAsync(silent.Port))
        {
            using var client = gateway.Connect();
            await client.ConnectAsync();
            Assert.Equal(504, (await _time.PassUntilAsync(client.GetAsync("/api/v1/ping"), Step)).Status);
        }
    }

    [Fact]
    public async Task An_endpoint_that_stops_within_its_response_breaks_it_off()
    {
        await using var upstream = RawUpstream.Start(async (_, connection) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
            await Task.Delay(Timeout.Infinite, connection.Stop);
        });
        await using var gateway = await StartAsync(upstream.Port);
        using var client = gateway.Connect();
        await client.ConnectAsync();
        await client.WriteAsync("GET /api/v1/ping HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Contains("200 OK", await client.Reader.ReadHeadAsync());
        Assert.Equal("only this", Encoding.Latin1.GetString(await client.Reader.ReadExactlyAsync(9)));
        var end = await Record.ExceptionAsync(() => _time.PassUntilAsync(client.Reader.ReadExactlyAsync(1), Step));
        Assert.True(end is IOException or SocketException, $"{end}");
    }

    [Fact]
    public async Task A_slow_client_does_not_cost_the_endpoint_its_time()
    {
        const int Length = 32 * 1024 * 1024;
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = RawUpstream.Start((_, connection) => SendAsMuchAsGoesAsync(connection, Length, blocked));
        await using var gateway = await StartAsync(upstream.Port);
        using var client = gateway.Connect();
        await client.ConnectAsync();
        await client.WriteAsync("GET /api/v1/ping HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Contains("200 OK", await client.Reader.ReadHeadAsync());

        // The client takes nothing for ten minutes. All that lies between is full: nobody waits for the endpoint.
        await blocked.Task.WaitAsync(TestContext.Current.CancellationToken);
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(10); passed += Step)
        {
            _time.Advance(Step);
        }

        Assert.Equal(Length, (await client.Reader.ReadExactlyAsync(Length)).Length);
    }

    /// <summary>
    /// Sends a long body; completes <paramref name="blocked"/> when not one byte more could be sent for so long that it is not because the
    /// gateway is slow.
    /// </summary>
    private static async Task SendAsMuchAsGoesAsync(RawConnection connection, int length, TaskCompletionSource blocked)
    {
        const int Polls = 50;
        await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        var piece = new byte[64 * 1024];
        while (length > 0)
        {
            for (var polls = 0; !connection.Socket.Poll(TimeSpan.FromMilliseconds(20), SelectMode.SelectWrite);)
            {
                if (++polls == Polls)
                {
                    blocked.TrySetResult();
                }
            }

            length -= await connection.Socket.SendAsync(piece.AsMemory(0, Math.Min(piece.Length, length)), connection.Stop);
        }
    }

    [Fact]
    public async Task Idle_connections_are_closed_after_60_seconds_and_in_order()
    {
        var closed = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = RawUpstream.Start(async (_, connection) =>
        {
            await connection.RespondAsync("hi");
            try
            {
                closed.SetResult(await connection.ReceiveAsync(new byte[1]));
            }
            catch (SocketException exception)
            {
                closed.SetException(exception);
            }
        });
        await using var gateway = await StartAsync(upstream.Port);
        Assert.Equal("hi", (await gateway.GetAsync("/api/v1/ping")).Body);
        Assert.Equal(0, await _time.PassUntilAsync(closed.Task, Step));
    }
}
