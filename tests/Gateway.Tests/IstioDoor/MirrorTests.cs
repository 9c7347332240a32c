using Gateway.Tests.Support;

namespace Gateway.Tests.IstioDoor;

/// <summary>Copies of requests, whose answers nobody waits for.</summary>
public sealed class MirrorTests
{
    private static string Mesh(string mirror, int port, int mirrorPort) => Documents.Join(
        IstioDocuments.Mesh(mirror, "", port), Documents.Service("shadow"), Documents.Workload("shadow", mirrorPort));

    [Fact]
    public async Task A_mirror_gets_the_whole_request_and_its_answer_is_dropped()
    {
        await using var upstream = RawUpstream.Echo("real");
        await using var shadow = RawUpstream.Start((_, connection) => connection.RespondAsync("ignored", status: "500 x"));
        await using var gateway = await TestGateway.StartIstioAsync(Mesh(
            "mirror: { host: shadow, port: { number: 8080 } }, rewrite: { uri: /re }", upstream.Port, shadow.Port));
        using var client = gateway.ConnectIstio();
        for (var i = 0; i < 3; i++)
        {
            var response = await client.SendAsync("POST /ping HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
            Assert.Equal((200, "real /reping"), (response.Status, response.Body));
        }

        await TestGateway.UntilAsync(() => shadow.Requests.Count == 3);
        var copy = shadow.Requests.First();
        Assert.Equal(("/reping", "body", "h", "true"), (copy.Target, copy.BodyText, copy.Header("host"), copy.Header("x-envoy-internal")));
        Assert.Equal(
            upstream.Requests.Select(request => request.Header("x-request-id")).Order(),
            shadow.Requests.Select(request => request.Header("x-request-id")).Order());
    }

    [Fact]
    public async Task A_mirror_that_does_not_answer_costs_the_client_nothing()
    {
        await using var upstream = RawUpstream.Echo("real");
        await using var shadow = RawUpstream.Start((_, connection) => Task.Delay(Timeout.Infinite, connection.Stop));
        await using var gateway = await TestGateway.StartIstioAsync(Mesh(
            "mirrors: [{ destination: { host: shadow, port: { number: 8080 } } }]", upstream.Port, shadow.Port));
        using var client = gateway.ConnectIstio();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("real /ping", (await client.GetAsync("/ping")).Body);
        }

        await TestGateway.UntilAsync(() => shadow.Requests.Count == 20);
    }

    [Fact]
    public async Task A_percentage_of_0_copies_nothing()
    {
        await using var upstream = RawUpstream.Echo("real");
        await using var shadow = RawUpstream.Echo("shadow");
        await using var gateway = await TestGateway.StartIstioAsync(Mesh(
            "mirrors: [{ destination: { host: shadow, port: { number: 8080 } }, percentage: { value: 0 } }]", upstream.Port, shadow.Port));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("real /ping", (await gateway.GetIstioAsync("/ping")).Body);
        }

        Assert.Empty(shadow.Requests);
    }
}
