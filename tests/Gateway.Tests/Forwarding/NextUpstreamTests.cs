using System.Collections.Concurrent;
using System.Net.Sockets;
using Gateway.Forwarding;
using Gateway.Tests.Support;

namespace Gateway.Tests.Forwarding;

/// <summary>Balancing, and what happens when an endpoint fails.</summary>
public sealed class NextUpstreamTests
{
    private const string ErrorPage502 =
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
        + "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

    private static RawUpstream Resetting() => RawUpstream.Start((_, connection) =>
    {
        connection.Reset();
        return Task.CompletedTask;
    });

    [Fact]
    public async Task Requests_take_turns_over_all_connections()
    {
        await using var a = RawUpstream.Echo("a");
        await using var b = RawUpstream.Echo("b");
        await using var c = RawUpstream.Echo("c");
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(a.Port, b.Port, c.Port));
        var answers = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            using var client = gateway.Connect();
            for (var i = 0; i < 6; i++)
            {
                answers.Add((await client.GetAsync("/api/v1/ping")).Body[..1]);
            }
        }));
        Assert.Equal([("a", 10), ("b", 10), ("c", 10)], answers.GroupBy(name => name).Select(group => (group.Key, group.Count())).Order());
    }

    [Fact]
    public async Task A_dead_endpoint_costs_the_client_nothing()
    {
        using var dead = new DeadPort();
        await using var alive = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(dead.Number, alive.Port));
        using var client = gateway.Connect();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("a /ping", (await client.GetAsync("/api/v1/ping")).Body);
        }

        // Nothing was sent, so a POST may go on too.
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(200, (await client.SendAsync("POST /api/v1/ping HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi")).Status);
        }

        Assert.All(alive.Requests.Where(request => request.Method == "POST"), request => Assert.Equal("hi", request.BodyText));
    }

    [Fact]
    public async Task A_reset_before_the_response_is_repeated_at_the_next_endpoint()
    {
        await using var resetting = Resetting();
        await using var alive = RawUpstream.Echo("a");
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(resetting.Port, alive.Port));
        using var client = gateway.Connect();
        foreach (var method in new[] { "GET", "GET", "PUT", "PUT", "DELETE", "DELETE" })
        {
            var response = await client.SendAsync($"{method} /api/v1/ping HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
            Assert.Equal(200, response.Status);
        }

        Assert.NotEmpty(resetting.Requests);
        Assert.All(alive.Requests, request => Assert.Equal("body", request.BodyText));
        Assert.Equal(6, alive.Requests.Count);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("LOCK")]
    public async Task A_method_that_is_not_idempotent_is_never_repeated_once_sent(string method)
    {
        await using var first = Resetting();
        await using var second = Resetting();
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(first.Port, second.Port));
        using var client = gateway.Connect();
        var response = await client.SendAsync($"{method} /api/v1/ping HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
        Assert.Equal(502, response.Status);
        Assert.Single(first.Requests.Concat(second.Requests));
    }

    [Fact]
    public async Task There_are_three_tries()
    {
        var upstreams = Enumerable.Range(0, 4).Select(_ => Resetting()).ToList();
        await using var gateway = await TestGateway.StartAsync(Documents.Seed([.. upstreams.Select(upstream => upstream.Port)]));
        Assert.Equal(502, (await gateway.GetAsync("/api/v1/ping")).Status);
        Assert.Equal([0, 1, 1, 1], upstreams.Select(upstream => upstream.Requests.Count).Order());
        foreach (var upstream in upstreams)
        {
            await upstream.DisposeAsync();
        }
    }

    [Fact]
    public async Task All_endpoints_refusing_is_502_and_no_endpoint_503()
    {
        using var first = new DeadPort();
        using var second = new DeadPort();
        await using (var gateway = await TestGateway.StartAsync(Documents.Seed(first.Number, second.Number)))
        {
            var response = await gateway.GetAsync("/api/v1/ping");
            Assert.Equal((502, ErrorPage502, "text/html"), (response.Status, response.Body, response.Header("Content-Type")));
        }

        await using (var gateway = await TestGateway.StartAsync(Documents.Seed()))
        {
            Assert.Equal(503, (await gateway.GetAsync("/api/v1/ping")).Status);
        }

        await using (var gateway = await TestGateway.StartAsync(Documents.SeedIngress))
        {
            Assert.Equal(503, (await gateway.GetAsync("/api/v1/ping")).Status);
        }
    }

    [Fact]
    public async Task A_response_that_is_no_HTTP_is_502_at_once()
    {
        await using var a = RawUpstream.Start((_, connection) => connection.SendAsync("nonsense\r\n\r\n"));
        await using var b = RawUpstream.Start((_, connection) => connection.SendAsync("nonsense\r\n\r\n"));
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(a.Port, b.Port));
        Assert.Equal(502, (await gateway.GetAsync("/api/v1/ping")).Status);
        Assert.Single(a.Requests.Concat(b.Requests));
    }

    [Theory]
    [InlineData("GET", true, true)]
    [InlineData("PUT", true, true)]
    [InlineData("DELETE", true, true)]
    [InlineData("POST", true, false)]
    [InlineData("PATCH", true, false)]
    [InlineData("LOCK", true, false)]
    [InlineData("POST", false, true)]
    public void What_may_be_tried_again(string method, bool sent, bool expected)
    {
        UpstreamFailure[] failures = sent
            ? [UpstreamFailure.Timeout, UpstreamFailure.Closed]
            : [UpstreamFailure.ConnectTimeout, UpstreamFailure.Connect(SocketError.ConnectionRefused)];
        Assert.All(failures, failure => Assert.Equal(expected, failure.MayTryNext(method)));
        Assert.False(UpstreamFailure.Invalid("").MayTryNext(method));
    }

    [Fact]
    public async Task A_killed_endpoint_loses_no_request_under_load()
    {
        await using var a = RawUpstream.Echo("a");
        await using var b = RawUpstream.Echo("b");
        await using var c = RawUpstream.Echo("c");
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(a.Port, b.Port, c.Port));
        var answered = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var client = gateway.Connect();
            for (var i = 0; i < 100; i++)
            {
                Assert.Equal(200, (await client.GetAsync("/api/v1/ping")).Status);
                if (Interlocked.Increment(ref answered) == 400)
                {
                    b.Kill();
                }
            }
        }));
        Assert.Equal(1600, answered);
    }
}
