using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.IstioDoor;

/// <summary>The router's loop: which outcome is repeated, and what is answered in the end.</summary>
public sealed class RetryTests
{
    private const string Reset = "upstream connect error or disconnect/reset before headers. reset reason: ";
    private const string Retried = "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: ";
    private const string Refused = "remote connection failure, transport failure reason: delayed connect error: Connection refused";

    private static RawUpstream Answering(string status) =>
        RawUpstream.Start((_, connection) => connection.RespondAsync("no", status: status));

    private static RawUpstream Resetting() => RawUpstream.Start((_, connection) =>
    {
        connection.Reset();
        return Task.CompletedTask;
    });

    /// <summary>Time that passes by itself: for back-offs, which nothing here measures.</summary>
    private static async Task<RawResponse> GetAsync(TestGateway gateway, FakeTimeProvider time, string headers = "")
    {
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        return await time.PassUntilAsync(client.SendAsync($"GET /ping HTTP/1.1\r\nHost: h\r\n{headers}\r\n"),
            TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public async Task Without_any_rule_a_refused_connection_is_tried_twice_more_and_then_503_UF()
    {
        var time = new FakeTimeProvider();
        using var dead = new DeadPort();
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", dead.Number), time);
        var response = await GetAsync(gateway, time);
        Assert.Equal((503, Retried + Refused), (response.Status, response.Body));
        Assert.Equal("text/plain", response.Header("content-type"));
    }

    [Fact]
    public async Task Without_any_rule_a_dead_endpoint_costs_the_client_nothing()
    {
        var time = new FakeTimeProvider();
        await using var alive = RawUpstream.Echo("a");
        using var dead = new DeadPort();
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", dead.Number, alive.Port), time);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("a /ping", (await GetAsync(gateway, time)).Body);
        }

        Assert.Contains(alive.Requests, request => request.Header("x-envoy-attempt-count") == "2");
    }

    [Fact]
    public async Task Without_any_rule_an_application_that_answers_503_is_not_asked_again()
    {
        await using var upstream = Answering("503 Service Unavailable");
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", upstream.Port));
        var response = await gateway.GetIstioAsync("/ping");
        Assert.Equal((503, "no"), (response.Status, response.Body));
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task Without_any_rule_a_reset_is_503_UC()
    {
        await using var upstream = Resetting();
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", upstream.Port));
        var response = await gateway.GetIstioAsync("/ping");
        Assert.Equal((503, Reset + "connection termination"), (response.Status, response.Body));
        Assert.Single(upstream.Requests);
    }

    [Theory]
    [InlineData("503", "503 Service Unavailable", 4)]
    [InlineData("5xx", "500 Internal Server Error", 4)]
    [InlineData("gateway-error", "500 Internal Server Error", 1)]
    [InlineData("gateway-error", "502 Bad Gateway", 4)]
    [InlineData("retriable-4xx", "409 Conflict", 4)]
    [InlineData("5xx", "404 Not Found", 1)]
    [InlineData("connect-failure", "503 Service Unavailable", 1)]
    public async Task An_answer_is_repeated_as_retryOn_says_and_the_last_one_stands(string retryOn, string status, int requests)
    {
        var time = new FakeTimeProvider();
        await using var upstream = Answering(status);
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh($"retries: {{ attempts: 3, retryOn: '{retryOn}' }}", "", upstream.Port), time);
        var response = await GetAsync(gateway, time);
        Assert.Equal((int.Parse(status[..3]), "no"), (response.Status, response.Body));
        Assert.Equal(requests, upstream.Requests.Count);
        Assert.Equal(
            Enumerable.Range(1, requests).Select(attempt => $"{attempt}"),
            upstream.Requests.Select(request => request.Header("x-envoy-attempt-count")!));
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n", "hello")]
    [InlineData("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")]
    public async Task A_body_is_sent_again_with_every_attempt(string framing, string body)
    {
        var time = new FakeTimeProvider();
        await using var upstream = RawUpstream.Start((request, connection) => request.Header("x-envoy-attempt-count") == "3"
            ? connection.RespondAsync("good") : connection.RespondAsync("", status: "503 x"));
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("retries: { attempts: 3, retryOn: '503' }", "", upstream.Port), time);
        using var client = gateway.ConnectIstio();
        await client.ConnectAsync();
        var response = await time.PassUntilAsync(
            client.SendAsync($"POST /ping HTTP/1.1\r\nHost: h\r\n{framing}\r\n{body}"), TimeSpan.FromMilliseconds(250));
        Assert.Equal((200, "good"), (response.Status, response.Body));
        Assert.Equal(["hello", "hello", "hello"], upstream.Requests.Select(request => request.BodyText));
    }

    [Fact]
    public async Task A_body_beyond_Envoys_buffer_is_passed_on_but_not_repeated()
    {
        var body = new string('x', (1024 * 1024) + 1);
        await using var upstream = Answering("503 Service Unavailable");
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("retries: { attempts: 3, retryOn: '503' }", "", upstream.Port));
        using var client = gateway.ConnectIstio();
        var response = await client.SendAsync($"POST /ping HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Equal(503, response.Status);
        Assert.Equal(body.Length, Assert.Single(upstream.Requests).Body.Length);
    }

    [Fact]
    public async Task A_retry_goes_to_another_host()
    {
        var time = new FakeTimeProvider();
        await using var bad = Answering("503 x");
        await using var good = RawUpstream.Echo("good");
        await using var gateway = await TestGateway.StartIstioAsync(
            IstioDocuments.Mesh("retries: { attempts: 1, retryOn: '503' }", "loadBalancer: { simple: ROUND_ROBIN }", bad.Port, good.Port),
            time);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("good /ping", (await GetAsync(gateway, time)).Body);
        }

        Assert.NotEmpty(bad.Requests);
    }

    [Fact]
    public async Task What_is_no_HTTP_is_502()
    {
        await using var upstream = RawUpstream.Start((_, connection) => connection.SendAsync("nonsense\r\n\r\n"));
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "", upstream.Port));
        var response = await gateway.GetIstioAsync("/ping");
        Assert.Equal((502, Reset + "protocol error"), (response.Status, response.Body));
    }

    [Fact]
    public async Task No_endpoint_is_503_UH_and_no_cluster_503_NC()
    {
        await using (var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", "")))
        {
            var response = await gateway.GetIstioAsync("/ping");
            Assert.Equal((503, "no healthy upstream"), (response.Status, response.Body));
        }

        await using (var gateway = await TestGateway.StartIstioAsync(
            Documents.Join(IstioDocuments.Gateway, IstioDocuments.VirtualService("").Replace("host: ping", "host: nowhere"))))
        {
            var response = await gateway.GetIstioAsync("/ping");
            Assert.Equal((503, ""), (response.Status, response.Body));
        }
    }

    [Fact]
    public async Task A_gRPC_call_gets_a_status_of_its_own_kind()
    {
        await using var gateway = await TestGateway.StartIstioAsync(IstioDocuments.Mesh("", ""));
        var response = await gateway.GetIstioAsync("/ping", headers: "Content-Type: application/grpc\r\nTE: trailers\r\n");
        Assert.Equal((200, "", "application/grpc"), (response.Status, response.Body, response.Header("content-type")));
        Assert.Equal(("14", "no healthy upstream"), (response.Header("grpc-status"), response.Header("grpc-message")));
    }
}
