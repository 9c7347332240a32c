using System.Globalization;
using System.Net;
using System.Text;
using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>Responses at the Istio door: streams, trailers, WebSockets, interim responses, clients that leave.</summary>
public sealed class StreamingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<TestGateway> StartAsync(RawUpstream upstream) =>
        TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", upstream.Port));

    [Fact]
    public async Task Chunks_pass_to_HTTP_1_and_HTTP_2_and_trailers_end_here()
    {
        await using var upstream = RawUpstream.Start((_, connection) => connection.SendAsync(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"));
        await using var gateway = await StartAsync(upstream);
        var response = await gateway.GetIstioAsync("/ping");
        Assert.Equal(("abcde", "chunked", ""), (response.Body, response.Header("Transfer-Encoding"), response.Trailers));
        using var http2 =
            new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var message = await http2.GetAsync(new Uri($"http://127.0.0.1:{gateway.IstioPort}/ping"), Cancellation);
        Assert.Equal("abcde", await message.Content.ReadAsStringAsync(Cancellation));
        Assert.Empty(message.TrailingHeaders);
    }

    [Fact]
    public async Task Early_hints_do_not_disturb_a_client_of_HTTP_2()
    {
        await using var upstream = RawUpstream.Start((_, connection) => connection.SendAsync(
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
        await using var gateway = await StartAsync(upstream);
        using var http2 =
            new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var message = await http2.GetAsync(new Uri($"http://127.0.0.1:{gateway.IstioPort}/ping"), Cancellation);
        Assert.Equal("hi", await message.Content.ReadAsStringAsync(Cancellation));
        Assert.False(message.Headers.Contains("Link"));
    }

    [Fact]
    public async Task Events_of_a_stream_arrive_one_by_one()
    {
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = StreamingUpstreams.Events(next.Task);
        await using var gateway = await StartAsync(upstream);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Contains("text/event-stream", await client.Reader.ReadHeadAsync());
        next.SetResult();
        Assert.Equal("9", await client.Reader.ReadLineAsync());
        Assert.Equal("data: 1\n\n", Encoding.ASCII.GetString(await client.Reader.ReadExactlyAsync(9)));
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_request_at_the_upstream()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = StreamingUpstreams.Silent(arrived, left);
        await using var gateway = await StartAsync(upstream);
        var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync("GET /ping HTTP/1.1\r\nHost: h\r\n\r\n");
        await arrived.Task;
        client.Dispose();
        Assert.Equal(0, await left.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
    }

    [Fact]
    public async Task A_WebSocket_passes_both_ways()
    {
        await using var upstream = StreamingUpstreams.WebSocketEcho();
        await using var gateway = await StartAsync(upstream);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync(
            "GET /socket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        var head = await client.Reader.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101", head);
        Assert.Equal("upgrade", Assert.Single(upstream.Requests).Header("Connection"));
        Assert.Equal(("x", "websocket"), (RawReader.Value(head!, "Sec-WebSocket-Accept"), RawReader.Value(head!, "Upgrade")));
        foreach (var word in new[] { "one", "two" })
        {
            await client.WriteAsync(word);
            Assert.Equal($"echo {word}", Encoding.Latin1.GetString(await client.Reader.ReadExactlyAsync(8)));
        }
    }

    [Fact]
    public async Task A_WebSocket_that_the_upstream_refuses_is_an_ordinary_answer()
    {
        await using var upstream = RawUpstream.Start((_, connection) => connection.RespondAsync("no", status: "401 Unauthorized"));
        await using var gateway = await StartAsync(upstream);
        var response = await gateway.GetIstioAsync("/socket", headers: "Connection: Upgrade\r\nUpgrade: websocket\r\n");
        Assert.Equal((401, "no", "close"), (response.Status, response.Body, response.Header("Connection")));
    }

    // https://github.com/envoyproxy/envoy/blob/main/source/common/router/upstream_codec_filter.cc, decodeHeaders.
    [Theory]
    [InlineData("200 OK")]
    [InlineData("302 Found")]
    public async Task Of_an_answer_that_is_no_handshake_only_the_head_passes(string status)
    {
        await using var upstream = RawUpstream.Start(
            (_, connection) => connection.RespondAsync("a page", "X-Why: none\r\nContent-Type: text/html\r\n", status));
        await using var gateway = await StartAsync(upstream);
        var response = await gateway.GetIstioAsync("/socket", headers: "Connection: Upgrade\r\nUpgrade: websocket\r\n");
        Assert.Equal(int.Parse(status[..3], CultureInfo.InvariantCulture), response.Status);
        Assert.Equal(("", "0"), (response.Body, response.Header("Content-Length")));
        Assert.Equal(("none", null, "close"), (response.Header("X-Why"), response.Header("Content-Type"), response.Header("Connection")));
    }

    [Fact]
    public async Task A_body_waits_for_the_upstreams_100_Continue()
    {
        await using var upstream = RawUpstream.StartRaw(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            Assert.Contains("expect: 100-continue", head!, StringComparison.OrdinalIgnoreCase);
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            Assert.Equal("hi", Encoding.ASCII.GetString(await connection.ReadExactlyAsync(2)));
            await connection.RespondAsync("thanks");
        });
        await using var gateway = await StartAsync(upstream);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync("POST /ping HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        Assert.Equal(100, (await client.ReadAsync())!.Status);
        await client.WriteAsync("hi");
        Assert.Equal("thanks", (await client.ReadAsync())!.Body);
    }

    [Fact]
    public async Task An_upstream_that_does_not_want_the_body_answers_before_it_comes()
    {
        await using var upstream = RawUpstream.StartRaw(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.RespondAsync("too large", status: "413 Payload Too Large");
        });
        await using var gateway = await StartAsync(upstream);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync("POST /ping HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        Assert.Equal((413, "too large"), await client.ReadAsync() is { } response ? (response.Status, response.Body) : default);
    }

    [Fact]
    public async Task An_upstream_that_answers_and_takes_no_more_of_a_long_body_is_heard()
    {
        await using var upstream = RawUpstream.StartRaw(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.RespondAsync("too large", status: "413 Payload Too Large");
            await Task.Delay(Timeout.Infinite, connection.Stop);
        });
        await using var gateway = await StartAsync(upstream);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync($"POST /ping HTTP/1.1\r\nHost: h\r\nContent-Length: {32 * 1024 * 1024}\r\n\r\n");
        var sending = Task.Run(() => client.WriteAsync(new string('x', 32 * 1024 * 1024)), Cancellation);
        Assert.Equal((413, "too large"), await client.ReadAsync() is { } response ? (response.Status, response.Body) : default);
        client.Dispose();
        await Task.WhenAny(sending);
    }

    [Fact]
    public async Task A_response_may_begin_while_the_request_still_comes()
    {
        await using var upstream = RawUpstream.StartRaw(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (var i = 0; i < 3; i++)
            {
                var word = Encoding.ASCII.GetString(await connection.ReadExactlyAsync(3));
                await connection.SendAsync($"3\r\n{word.ToUpperInvariant()}\r\n");
            }

            await connection.SendAsync("0\r\n\r\n");
        });
        await using var gateway = await StartAsync(upstream);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        await client.WriteAsync("POST /ping HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\none");
        Assert.Contains("200 OK", await client.Reader.ReadHeadAsync());
        foreach (var (word, next) in new[] { ("ONE", "two"), ("TWO", "six"), ("SIX", "") })
        {
            Assert.Equal("3", await client.Reader.ReadLineAsync());
            Assert.Equal(word, await client.Reader.ReadLineAsync());
            await client.WriteAsync(next);
        }

        Assert.Equal("0", await client.Reader.ReadLineAsync());
    }

    [Fact]
    public async Task Large_bodies_pass_both_ways()
    {
        var body = string.Concat(Enumerable.Range(0, 500_000).Select(i => $"{i:x8}"));
        await using var upstream = RawUpstream.Start((request, connection) => connection.RespondAsync(request.BodyText));
        await using var gateway = await StartAsync(upstream);
        using var client = gateway.ConnectIstio();
        for (var i = 0; i < 3; i++)
        {
            var response = await client.SendAsync($"PUT /ping HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            Assert.Equal((200, body), (response.Status, response.Body));
        }
    }

    [Theory]
    [InlineData(61_440, 200)]
    [InlineData(61_441, 502)]
    public async Task A_response_head_may_be_60_KB_long(int size, int status)
    {
        const string Rest = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: \r\n\r\n";
        await using var upstream = RawUpstream.Start(
            (_, connection) => connection.SendAsync(Rest.Replace("X: ", "X: " + new string('x', size - Rest.Length)) + "hi"));
        await using var gateway = await StartAsync(upstream);
        Assert.Equal(status, (await gateway.GetIstioAsync("/ping")).Status);
    }
}
