using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Tests.Support;

namespace Gateway.Tests.Forwarding;

/// <summary>What a client gets to see of a response.</summary>
public sealed class ResponseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<RawResponse> AnswerAsync(string response, string method = "GET")
    {
        await using var upstream = RawUpstream.Start(async (_, connection) =>
        {
            await connection.SendAsync(response);
            connection.Socket.Shutdown(SocketShutdown.Send);
        });
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(upstream.Port));
        using var client = gateway.Connect();
        return await client.SendAsync($"{method} /api/v1/ping HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    [Fact]
    public async Task Headers_pass_but_those_nginx_hides()
    {
        var response = await AnswerAsync(
            "HTTP/1.1 418 Short and stout\r\nContent-Length: 2\r\nServer: mine\r\nDate: yesterday\r\nX-Accel-Buffering: no\r\nX-Pad: x\r\n"
            + "Keep-Alive: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: caf\u00E9\r\n\r\nhi");
        Assert.StartsWith("HTTP/1.1 418 Short and stout\r\n", response.Head);
        Assert.Equal("hi", response.Body);
        Assert.Contains("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", response.Head);
        Assert.Equal("caf\u00E9", response.Header("X-Latin"));
        Assert.NotEqual("yesterday", response.Header("Date"));
        Assert.All(["Server", "X-Accel-Buffering", "X-Pad", "Keep-Alive"], name => Assert.Null(response.Header(name)));
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n", 200, "42")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, null)]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", 304, null)]
    public async Task Responses_without_body(string method, string answer, int status, string? length)
    {
        var response = await AnswerAsync(answer, method);
        Assert.Equal((status, length), (response.Status, response.Header("Content-Length")));
    }

    [Fact]
    public async Task A_body_that_ends_with_the_connection_passes() =>
        Assert.Equal("all of it", (await AnswerAsync("HTTP/1.1 200 OK\r\n\r\nall of it")).Body);

    [Fact]
    public async Task Chunks_pass_and_trailers_end_here()
    {
        await using var upstream = RawUpstream.Start((_, connection) => connection.SendAsync(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"));
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(upstream.Port));
        using var client = gateway.Connect();
        var response = await client.GetAsync("/api/v1/ping");
        Assert.Equal(("abcde", "chunked", ""), (response.Body, response.Header("Transfer-Encoding"), response.Trailers));

        using var http2 = Http2Client(gateway);
        using var message = await http2.GetAsync(new Uri("/api/v1/ping", UriKind.Relative), Cancellation);
        Assert.Equal("abcde", await message.Content.ReadAsStringAsync(Cancellation));
        Assert.Empty(message.TrailingHeaders);
    }

    [Fact]
    public async Task Events_of_a_stream_arrive_one_by_one_and_the_headers_before_them()
    {
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = StreamingUpstreams.Events(next.Task);
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(upstream.Port));
        using var client = gateway.Connect();
        await client.ConnectAsync();
        await client.WriteAsync("GET /api/v1/events HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Contains("text/event-stream", await client.Reader.ReadHeadAsync());
        next.SetResult();
        Assert.Equal("9", await client.Reader.ReadLineAsync());
        Assert.Equal("data: 1\n\n", Encoding.ASCII.GetString(await client.Reader.ReadExactlyAsync(9)));
    }

    [Fact]
    public async Task A_response_that_breaks_off_resets_the_clients_connection()
    {
        await using var upstream = RawUpstream.Start(async (_, connection) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
            connection.Socket.Dispose();
        });
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(upstream.Port));
        using var client = gateway.Connect();
        await client.ConnectAsync();
        await client.WriteAsync("GET /api/v1/ping HTTP/1.1\r\nHost: h\r\n\r\n");
        var error = await Record.ExceptionAsync(() => client.ReadAsync());
        Assert.True(error is IOException or SocketException, $"{error}");
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_request_at_the_endpoint()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = StreamingUpstreams.Silent(arrived, left);
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(upstream.Port));
        var client = gateway.Connect();
        await client.ConnectAsync();
        await client.WriteAsync("GET /api/v1/ping HTTP/1.1\r\nHost: h\r\n\r\n");
        await arrived.Task;
        client.Dispose();
        Assert.Equal(0, await left.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
    }

    [Fact]
    public async Task A_WebSocket_passes_both_ways()
    {
        await using var upstream = StreamingUpstreams.WebSocketEcho();
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(upstream.Port));
        using var client = gateway.Connect();
        await client.ConnectAsync();
        await client.WriteAsync(
            "GET /api/v1/socket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        var head = await client.Reader.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101", head);
        Assert.Equal("x", RawReader.Value(head!, "Sec-WebSocket-Accept"));
        foreach (var word in new[] { "one", "two" })
        {
            await client.WriteAsync(word);
            Assert.Equal($"echo {word}", Encoding.Latin1.GetString(await client.Reader.ReadExactlyAsync(8)));
        }
    }

    [Fact]
    public async Task HTTP_2_with_prior_knowledge_shares_the_port()
    {
        await using var upstream = RawUpstream.Echo("A");
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(upstream.Port));
        using var client = Http2Client(gateway);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(
            i => client.GetStringAsync(new Uri($"/api/v1/{i}?q", UriKind.Relative), Cancellation)));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"A /{i}?q"), answers);
        Assert.Equal($"127.0.0.1:{gateway.Port}", upstream.Requests.First().Header("Host"));
        Assert.Equal("http", upstream.Requests.First().Header("X-Forwarded-Proto"));
        using var post = await client.PostAsync(new Uri("/api/v1/post", UriKind.Relative), new StringContent("body"), Cancellation);
        Assert.Equal("body", upstream.Requests.Single(request => request.Method == "POST").BodyText);
        Assert.Equal(200, (await gateway.GetAsync("/api/v1/ping")).Status);
    }

    [Fact]
    public async Task A_connection_that_dribbles_its_first_bytes_is_served()
    {
        await using var upstream = RawUpstream.Echo("A");
        await using var gateway = await TestGateway.StartAsync(Documents.Seed(upstream.Port));
        using var client = gateway.Connect();
        await client.ConnectAsync();
        foreach (var piece in new[] { "P", "RI", "NT /api/v1/ping HTTP/1.1\r\n", "Host: h\r\n\r\n" })
        {
            await client.WriteAsync(piece);
        }

        Assert.Equal("A /ping", (await client.ReadAsync())!.Body);
    }

    private static HttpClient Http2Client(TestGateway gateway) => new()
    {
        BaseAddress = new Uri($"http://127.0.0.1:{gateway.Port}"),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
