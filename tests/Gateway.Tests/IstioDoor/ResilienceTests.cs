using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.IstioDoor;

/// <summary>Ejection, circuit breakers and connections, end to end.</summary>
public sealed class ResilienceTests
{
    private const string Overflow = "upstream connect error or disconnect/reset before headers. reset reason: overflow";

    private static RawUpstream Failing() => RawUpstream.Start((_, connection) => connection.RespondAsync("bad", status: "500 x"));

    /// <summary>An endpoint that answers when it is told to.</summary>
    private static RawUpstream Waiting(SemaphoreSlim release) => RawUpstream.Start(async (_, connection) =>
    {
        await release.WaitAsync(connection.Stop);
        await connection.RespondAsync("done");
    });

    [Fact]
    public async Task A_failing_host_is_ejected_and_comes_back()
    {
        var time = new FakeTimeProvider();
        await using var bad = Failing();
        await using var good = RawUpstream.Echo("good");
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh(
            "retries: { attempts: 0 }",
            "loadBalancer: { simple: ROUND_ROBIN }, outlierDetection: "
                + "{ consecutive5xxErrors: 3, interval: 10s, baseEjectionTime: 30s, maxEjectionPercent: 100 }",
            bad.Port, good.Port), time);
        using var client = gateway.ConnectIstio();
        for (var i = 0; i < 20; i++)
        {
            await client.GetAsync("/ping");
        }

        Assert.Equal(3, bad.Requests.Count);
        time.Advance(TimeSpan.FromSeconds(41));
        for (var i = 0; i < 4; i++)
        {
            await client.GetAsync("/ping");
        }

        Assert.Equal(5, bad.Requests.Count);
    }

    [Fact]
    public async Task When_all_hosts_are_ejected_the_answer_is_503_UH()
    {
        await using var bad = Failing();
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh(
            "retries: { attempts: 0 }", "outlierDetection: { consecutive5xxErrors: 2, maxEjectionPercent: 100 }", bad.Port));
        using var client = gateway.ConnectIstio();
        foreach (var status in new[] { 500, 500, 503, 503 })
        {
            Assert.Equal(status, (await client.GetAsync("/")).Status);
        }

        Assert.Equal("no healthy upstream", (await client.GetAsync("/")).Body);
    }

    [Fact]
    public async Task More_requests_than_the_limits_allow_are_503_UO()
    {
        using var release = new SemaphoreSlim(0);
        await using var upstream = Waiting(release);
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh(
            "", "connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } }", upstream.Port));

        // One on the connection, one waits for it, the rest overflows.
        var first = gateway.GetIstioAsync("/1");
        await TestGateway.UntilAsync(() => upstream.Requests.Count == 1);
        var second = gateway.GetIstioAsync("/2");
        await TestGateway.UntilAsync(() => gateway.Snapshot.Proxies.Clusters[0].Clusters.All
            .Any(cluster => cluster.Limits.PendingRequests.Count == 1));
        var third = await gateway.GetIstioAsync("/3");
        Assert.Equal((503, Overflow, "true"), (third.Status, third.Body, third.Header("x-envoy-overloaded")));
        release.Release(2);
        Assert.Equal("done", (await first).Body);
        Assert.Equal("done", (await second).Body);
        Assert.Equal(["/1", "/2"], upstream.Requests.Select(request => request.Target));
    }

    [Fact]
    public async Task Active_requests_are_limited_too()
    {
        using var release = new SemaphoreSlim(0);
        await using var upstream = Waiting(release);
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh(
            "", "connectionPool: { http: { http2MaxRequests: 1 } }", upstream.Port));
        var first = gateway.GetIstioAsync("/1");
        await TestGateway.UntilAsync(() => upstream.Requests.Count == 1);
        Assert.Equal((503, Overflow), await StatusAndBodyAsync(gateway));
        release.Release();
        Assert.Equal("done", (await first).Body);
        await gateway.UntilIdleAsync();
        release.Release();
        Assert.Equal((200, "done"), await StatusAndBodyAsync(gateway));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("connectionPool: { http: { maxRequestsPerConnection: 1 } }", 6)]
    [InlineData("connectionPool: { http: { maxRequestsPerConnection: 2 } }", 3)]
    public async Task Connections_serve_as_many_requests_as_they_may(string policy, int connections)
    {
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<RawConnection, bool>();
        await using var upstream = RawUpstream.Start((_, connection) =>
        {
            seen[connection] = true;
            return connection.RespondAsync("hi");
        });
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", policy, upstream.Port));
        using var client = gateway.ConnectIstio();
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal("hi", (await client.GetAsync("/")).Body);
        }

        Assert.Equal(connections, seen.Count);
    }

    [Fact]
    public async Task Idle_connections_end_after_their_time()
    {
        var time = new FakeTimeProvider();
        var closed = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = RawUpstream.Start(async (_, connection) =>
        {
            await connection.RespondAsync("hi");
            closed.SetResult(await connection.ReceiveAsync(new byte[1]));
        });
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("", "connectionPool: { http: { idleTimeout: 30s } }", upstream.Port), time);
        Assert.Equal("hi", (await gateway.GetIstioAsync("/")).Body);
        Assert.Equal(0, await time.PassUntilAsync(closed.Task, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task No_request_is_lost_when_a_host_is_killed_under_load()
    {
        await using var a = RawUpstream.Echo("a");
        await using var b = RawUpstream.Echo("b");
        await using var c = RawUpstream.Echo("c");
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh(
            "retries: { attempts: 5, retryOn: 'connect-failure,refused-stream,reset' }", "", a.Port, b.Port, c.Port));
        var answered = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var client = gateway.ConnectIstio();
            for (var i = 0; i < 100; i++)
            {
                Assert.Equal(200, (await client.GetAsync("/ping")).Status);
                if (Interlocked.Increment(ref answered) == 400)
                {
                    b.Kill();
                }
            }
        }));
        Assert.Equal(1600, answered);
        await gateway.UntilIdleAsync();
    }

    private static async Task<(int, string)> StatusAndBodyAsync(TestGateway gateway)
    {
        var response = await gateway.GetIstioAsync("/");
        return (response.Status, response.Body);
    }
}
