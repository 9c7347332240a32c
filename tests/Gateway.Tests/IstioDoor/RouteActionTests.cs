using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>What routes do besides forwarding, seen from the socket, and what the connection manager refuses before any route.</summary>
public sealed class RouteActionTests : IAsyncLifetime
{
    private const string Rules = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: { name: ping }
        spec:
          hosts: ['*']
          gateways: [gateway]
          http:
          - match: [{ uri: { prefix: /old } }]
            redirect: { uri: /new, authority: example.com, redirectCode: 302 }
          - match: [{ uri: { prefix: /fixed } }]
            directResponse: { status: 418, body: { string: teapot } }
            headers: { response: { set: { x-fixed: 'yes' } } }
          - match: [{ uri: { prefix: /fault } }]
            fault: { abort: { httpStatus: 555, percentage: { value: 100 } } }
            route: [{ destination: { host: ping } }]
          - match: [{ uri: { prefix: /cors } }]
            corsPolicy: { allowOrigins: [{ exact: 'https://a.example' }], allowMethods: [GET], exposeHeaders: [x-a] }
            route: [{ destination: { host: ping } }]
          - match: [{ uri: { prefix: /headers } }]
            rewrite: { uri: /rewritten, authority: other.example }
            headers: { request: { set: { x-in: a }, remove: [x-gone] }, response: { add: { x-out: b }, remove: [x-secret] } }
            route: [{ destination: { host: ping }, headers: { request: { add: { x-dest: c } } } }]
          - route: [{ destination: { host: ping } }]

        """;

    private readonly RawUpstream _upstream = RawUpstream.Start(
        (request, connection) => connection.RespondAsync($"A {request.Target}", "X-Secret: 1\r\nServer: mine\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n"));

    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await TestGateway.StartIstioAsync(
        Documents.Join(IstioDocuments.Gateway, Rules, Documents.Service("ping"), Documents.Workload("ping", _upstream.Port)));

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    private async Task<RawResponse> SendAsync(string request)
    {
        using var client = _gateway.ConnectIstio();
        return await client.SendAsync(request);
    }

    [Fact]
    public async Task A_redirect()
    {
        var response = await _gateway.GetIstioAsync("/old/x?q");
        Assert.Equal((302, "http://example.com/new?q", "", "istio-envoy"),
            (response.Status, response.Header("location"), response.Body, response.Header("server")));
    }

    [Fact]
    public async Task A_fixed_response()
    {
        var response = await _gateway.GetIstioAsync("/fixed");
        Assert.Equal((418, "teapot", "text/plain", "yes"),
            (response.Status, response.Body, response.Header("content-type"), response.Header("x-fixed")));
        var head = await SendAsync("HEAD /fixed HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal((418, "", "6"), (head.Status, head.Body, head.Header("content-length")));
    }

    [Fact]
    public async Task A_fault()
    {
        var response = await _gateway.GetIstioAsync("/fault");
        Assert.Equal((555, "fault filter abort"), (response.Status, response.Body));
        Assert.Empty(_upstream.Requests);
    }

    [Fact]
    public async Task A_preflight_and_a_cross_origin_request()
    {
        var preflight = await SendAsync(
            "OPTIONS /cors HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n\r\n");
        Assert.Equal((200, "https://a.example", "GET"),
            (preflight.Status, preflight.Header("access-control-allow-origin"), preflight.Header("access-control-allow-methods")));
        Assert.Empty(_upstream.Requests);
        var simple = await _gateway.GetIstioAsync("/cors", headers: "Origin: https://a.example\r\n");
        Assert.Equal(("A /cors", "https://a.example", "x-a"),
            (simple.Body, simple.Header("access-control-allow-origin"), simple.Header("access-control-expose-headers")));
    }

    [Fact]
    public async Task Headers_path_and_authority_are_changed_both_ways()
    {
        var response = await _gateway.GetIstioAsync("/headers/x?q=1", headers: "X-Gone: 1\r\n");
        var request = Assert.Single(_upstream.Requests);
        Assert.Equal(("/rewritten/x?q=1", "other.example", "a", "c", null, "/headers/x?q=1"),
            (request.Target, request.Header("host"), request.Header("x-in"), request.Header("x-dest"), request.Header("x-gone"),
                request.Header("x-envoy-original-path")));
        Assert.Equal(("b", null, "istio-envoy", "Mon, 01 Jan 2024 00:00:00 GMT"),
            (response.Header("x-out"), response.Header("x-secret"), response.Header("server"), response.Header("date")));
    }

    [Theory]
    [InlineData("GET /ping HTTP/1.0\r\nHost: h\r\n\r\n", 426)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 404)]
    [InlineData("GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n", 400)]
    [InlineData("GET /ping HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n", 403)]
    [InlineData("GET /ping HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n", 200)]
    [InlineData("get /ping HTTP/1.1\r\nHost: h\r\n\r\n", 200)]
    [InlineData("POST /ping HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST /ping HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400)]
    [InlineData("TRACE /ping HTTP/1.1\r\nHost: h\r\n\r\n", 200)]
    public async Task Requests_are_refused_as_Envoy_refuses_them(string request, int status) =>
        Assert.Equal(status, (await SendAsync(request)).Status);

    [Fact]
    public async Task More_than_100_headers_are_431()
    {
        string Headers(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: 1\r\n"));
        Assert.Equal(200, (await _gateway.GetIstioAsync("/ping", headers: Headers(90))).Status);
        Assert.Equal(431, (await _gateway.GetIstioAsync("/ping", headers: Headers(101))).Status);
    }

    [Fact]
    public async Task An_absolute_target_goes_by_its_own_authority()
    {
        Assert.Equal(200, (await SendAsync("GET http://real.example/ping HTTP/1.1\r\nHost: other\r\n\r\n")).Status);
        Assert.Equal(("/ping", "real.example"), (Assert.Single(_upstream.Requests).Target, _upstream.Requests.First().Header("host")));
    }

    [Fact]
    public async Task Long_headers_pass_up_to_60_KB()
    {
        Assert.Equal(200, (await _gateway.GetIstioAsync("/ping", headers: $"X-Long: {new string('x', 50_000)}\r\n")).Status);
        Assert.Equal(50_000, Assert.Single(_upstream.Requests).Header("x-long")!.Length);
    }
}
