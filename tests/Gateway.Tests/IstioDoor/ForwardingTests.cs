using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>What an upstream gets to see of a request at the Istio door, and a client of the response.</summary>
public sealed class ForwardingTests : IAsyncLifetime
{
    private readonly RawUpstream _upstream = RawUpstream.Echo("A");
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync() =>
        _gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", _upstream.Port));

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    private async Task<(RawRequest Request, RawResponse Response)> SendAsync(string headers, string method = "GET", string body = "")
    {
        using var client = _gateway.ConnectIstio();
        var response = await client.SendAsync($"{method} /ping?q=%zz HTTP/1.1\r\n{headers}\r\n{body}");
        Assert.Equal(200, response.Status);
        return (Assert.Single(_upstream.Requests), response);
    }

    [Fact]
    public async Task A_request_is_forwarded_as_a_gateway_of_Istio_does()
    {
        var (request, response) = await SendAsync(
            "Host: example.com:8080\r\nUser-Agent: me\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Request-Id: mine\r\n"
            + "X-Envoy-Internal: true\r\nX-Envoy-Retry-On: 5xx\r\nX-Envoy-Decorator-Operation: x\r\nX-Forwarded-Client-Cert: x\r\n"
            + "Connection: keep-alive\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers, deflate\r\nsnake_case: x\r\nX-Many: a\r\nX-Many: b\r\n"
            + "Referer: /relative\r\n");
        Assert.Equal("/ping?q=%zz", request.Target);
        var expected = new Dictionary<string, string?>
        {
            ["host"] = "example.com:8080",
            ["user-agent"] = "me",
            ["x-forwarded-for"] = "1.2.3.4,127.0.0.1",
            ["x-forwarded-proto"] = "http",
            ["x-envoy-external-address"] = "127.0.0.1",
            ["x-envoy-attempt-count"] = "1",
            ["te"] = "trailers",
            ["snake_case"] = "x",
            ["x-envoy-internal"] = null,
            ["x-envoy-retry-on"] = null,
            ["x-envoy-decorator-operation"] = null,
            ["x-forwarded-client-cert"] = null,
            ["connection"] = null,
            ["keep-alive"] = null,
            ["proxy-connection"] = null,
            ["referer"] = null,
            ["content-length"] = null,
            ["transfer-encoding"] = null,
        };
        Assert.All(expected, header => Assert.Equal(header, KeyValuePair.Create(header.Key, request.Header(header.Key))));
        Assert.Contains("x-many: a\r\nx-many: b\r\n", request.Head);
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", request.Header("x-request-id"));
        Assert.Equal(("A /ping?q=%zz", "istio-envoy"), (response.Body, response.Header("server")));
        Assert.Matches("^[0-9]+$", response.Header("x-envoy-upstream-service-time"));
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n", "hello")]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")]
    public async Task A_body_arrives_framed_as_it_came(string framing, string body)
    {
        var (request, _) = await SendAsync("Host: h\r\n" + framing, "POST", body);
        Assert.Equal("hello", request.BodyText);
        Assert.Contains(framing, request.Head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_request_without_route_is_404_with_no_body()
    {
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("match: [{ uri: { prefix: /api } }]", "", _upstream.Port));
        var response = await gateway.GetIstioAsync("/ping");
        Assert.Equal((404, "", "istio-envoy"), (response.Status, response.Body, response.Header("server")));
        Assert.Null(response.Header("content-type"));
    }
}
