using Gateway.Tests.Support;

namespace Gateway.Tests.Forwarding;

/// <summary>What an endpoint gets to see of a request, and what the door refuses.</summary>
public sealed class RequestTests : IAsyncLifetime
{
    private readonly RawUpstream _upstream = RawUpstream.Echo("A");
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await TestGateway.StartAsync(Documents.Seed(_upstream.Port));

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    private async Task<RawRequest> ForwardedAsync(string headers, string method = "GET", string body = "")
    {
        using var client = _gateway.Connect();
        var response = await client.SendAsync($"{method} /api/v1/ping HTTP/1.1\r\n{headers}\r\n{body}");
        Assert.Equal(200, response.Status);
        return Assert.Single(_upstream.Requests);
    }

    private async Task<int> StatusAsync(string request)
    {
        using var client = _gateway.Connect();
        return (await client.SendAsync(request)).Status;
    }

    [Fact]
    public async Task The_headers_are_ingress_nginxs()
    {
        var request = await ForwardedAsync(
            "Host: Example.com:8080\r\nUser-Agent: me\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\nX-Forwarded-Host: evil\r\n"
            + "X-Forwarded-Proto: https\r\nX-Real-IP: 1.2.3.4\r\nProxy: x\r\nsnake_case: x\r\nTE: trailers\r\nKeep-Alive: 5\r\n"
            + "Content-Type: text/x\r\nX-Many: a\r\nX-Many: b\r\nX-Latin: caf\u00E9\r\n");
        var expected = new Dictionary<string, string?>
        {
            ["Host"] = "Example.com:8080",
            ["User-Agent"] = "me",
            ["X-Real-IP"] = "127.0.0.1",
            ["X-Forwarded-For"] = "127.0.0.1",
            ["X-Forwarded-Host"] = "Example.com:8080",
            ["X-Forwarded-Port"] = $"{_gateway.Port}",
            ["X-Forwarded-Proto"] = "http",
            ["X-Forwarded-Scheme"] = "http",
            ["X-Scheme"] = "http",
            ["X-Original-Forwarded-For"] = "1.2.3.4, 5.6.7.8",
            ["X-Original-Forwarded-Host"] = "evil",
            ["Content-Type"] = "text/x",
            ["X-Latin"] = "caf\u00E9",
            ["Proxy"] = null,
            ["snake_case"] = null,
            ["TE"] = null,
            ["Keep-Alive"] = null,
            ["Connection"] = null,
            ["X-Original-URI"] = null,
            ["Content-Length"] = null,
            ["Transfer-Encoding"] = null,
        };
        Assert.All(expected, header => Assert.Equal(header, KeyValuePair.Create(header.Key, request.Header(header.Key))));
        Assert.Matches("^[0-9a-f]{32}$", request.Header("X-Request-ID"));
        Assert.Contains("X-Many: a\r\nX-Many: b\r\n", request.Head);
    }

    [Fact]
    public async Task A_request_id_of_the_client_is_kept_and_its_trace_context_passed_on()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var request = await ForwardedAsync($"Host: h\r\nX-Request-ID: mine\r\ntraceparent: {Trace}\r\n");
        Assert.Equal("mine", request.Header("X-Request-ID"));
        Assert.StartsWith(Trace[..35], request.Header("traceparent"));
        Assert.Null(request.Header("X-Original-Forwarded-For"));
    }

    [Fact]
    public async Task A_chunked_body_arrives_whole_with_its_length()
    {
        var request = await ForwardedAsync("Host: h\r\nTransfer-Encoding: chunked\r\n", "POST", "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
        Assert.Equal(("abcdefg", "7", null), (request.BodyText, request.Header("Content-Length"), request.Header("Transfer-Encoding")));
    }

    [Fact]
    public async Task The_door_answers_expect_100_continue_itself()
    {
        using var client = _gateway.Connect();
        await client.ConnectAsync();
        await client.WriteAsync("POST /api/v1/ping HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        Assert.Equal(100, (await client.ReadAsync())!.Status);
        Assert.Empty(_upstream.Requests);
        await client.WriteAsync("hi");
        Assert.Equal(200, (await client.ReadAsync())!.Status);
        Assert.Equal(("hi", null), (Assert.Single(_upstream.Requests).BodyText, _upstream.Requests.First().Header("Expect")));
    }

    [Fact]
    public async Task A_body_of_exactly_one_megabyte_passes_and_a_longer_one_is_413()
    {
        var body = new string('x', 1024 * 1024);
        var request = await ForwardedAsync($"Host: h\r\nContent-Length: {body.Length}\r\n", "PUT", body);
        Assert.Equal(body.Length, request.Body.Length);
        Assert.Equal(413, await StatusAsync($"PUT /api/v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length + 1}\r\n\r\n"));
        Assert.Equal(413, await StatusAsync(
            $"PUT /api/v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length + 1:x}\r\n{body}x\r\n0\r\n\r\n"));
        Assert.Single(_upstream.Requests);
    }

    [Theory]
    [InlineData("get /api/v1/ping HTTP/1.1\r\nHost: h\r\n\r\n", 400)]
    [InlineData("GET /api/v1/ping HTTP/1.1\r\nHost: \r\n\r\n", 400)]
    [InlineData("GET /api/v1/ping HTTP/1.1\r\nHost: a..b\r\n\r\n", 400)]
    [InlineData("GET /api/v1/ping HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400)]
    [InlineData("TRACE /api/v1/ping HTTP/1.1\r\nHost: h\r\n\r\n", 405)]
    [InlineData("GET /api/v1/ping HTTP/1.0\r\n\r\n", 200)]
    [InlineData("GET http://h/api/v1/ping HTTP/1.1\r\nHost: other\r\n\r\n", 200)]
    [InlineData("M-SEARCH /api/v1/ping HTTP/1.1\r\nHost: h\r\n\r\n", 200)]
    [InlineData("FOO_BAR /api/v1/ping HTTP/1.1\r\nHost: h\r\n\r\n", 200)]
    public async Task Requests_are_refused_as_nginx_refuses_them(string request, int status) =>
        Assert.Equal(status, await StatusAsync(request));

    [Fact]
    public async Task Many_headers_pass() => Assert.Contains("X-499: 1",
        (await ForwardedAsync("Host: h\r\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"X-{i}: 1\r\n")))).Head);

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        using var client = _gateway.Connect();
        await client.ConnectAsync();
        await client.WriteAsync(string.Concat(Enumerable.Range(0, 20).Select(i => $"GET /api/v1/{i} HTTP/1.1\r\nHost: h\r\n\r\n")));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"A /{i}", (await client.ReadAsync())!.Body);
        }
    }
}
